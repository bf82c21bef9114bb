"""The load generator's Lambda functions: fill the tables, place one order.

api.py       one signed call of the order API through the name that all regions share
contract.py  names and limits that the load generator's functions
entry.py     from Step Functions' call to the function's work: settings, client, checked input, one log line
errors.py    what can go wrong in the load generator's functions
fill.py      Make customers and products through POST /fill
numbers.py   Numbers out of Step Functions' JSON
order.py     Place one order and read it back, both through the shared name, and count what came of it
settings.py  the one reader of the functions' environment
signing.py   SigV4a signatures: good in every region
"""
