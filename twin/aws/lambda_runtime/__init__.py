"""Lambda without containers: worker processes that run AWS's runtime client against a local Runtime API.

error_payloads.py  what Lambda answers a caller of Invoke when the function's process, not its code, failed
errors.py          what can go wrong between the twin and a worker
files.py           Directories that workers run from: the Lambda runtime
function_spec.py   what a worker needs to know of one version of a function, as plain data
log_stream.py      what one worker writes, as the events of its log stream
pool.py            the workers of all functions: who runs what, who waits, who has to go
runtime_api.py     the Lambda Runtime API (version 2018-06-01) of one worker
worker.py          one worker process: an execution environment of one version of a function
worker_main.py     the program of a worker process
"""
