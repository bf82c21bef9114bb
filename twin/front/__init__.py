"""What every request passes before it reaches a service, in the order that twin/app.py lists.

allow_list.py       the layer that names the operation of every request
aws_errors.py       errors as AWS writes them: the same refusal in each of its protocols
credentials.py      the layer that refuses what must not reach the emulator
data_plane.py       calls of deployed APIs: told from calls of AWS's own APIs
faults.py           injected faults: a service that is slow, fails, throttles or is busy elsewhere
function_code.py    the addresses that Lambda's GetFunction gives for a function's code: secret
identify.py         which operation of which AWS service a request calls
item_operations.py  DynamoDB's operations on items, and what each is
operations.py       the operations the twin claims to have, by service (botocore's names)
outage.py           the layer that knows which region a request is for, and cuts requests for a dead one
protocol.py         types shared by the layers in front of the emulator
reading.py          the outermost layer: reads each request whole, once
request.py          a request as the layers see it: read once by the outermost layer, whole, with its body
signature.py        what a request's AWS signature claims: who, which service, which regions
transport.py        plain HTTP addresses of the twin stand for AWS's HTTPS endpoints
"""
