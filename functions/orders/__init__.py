"""The order API's Lambda functions: handler, logic, store.

attempts.py  calls to DynamoDB within one request's time: which failures are tried again, how often
batches.py   DynamoDB: many items at once, for fill
claim.py     the mark that a sale leaves on its product: for which order and customer, when and where
clients.py   the DynamoDB client of the functions
clock.py     time and chance, in one place so that tests can pass in their own
contract.py  names and limits that the functions share with everything that deploys or calls them
create.py    POST /orders
entry.py     from Lambda's call to an answer: the same for every function
errors.py    what can go wrong in the order functions
eventual.py  create an order on eventually consistent global tables (MREC): one transaction
fill.py      POST /fill
filling.py   synthetic customers, products and orders: what is to be written, and what came of it
order.py     an order: as it is asked for, as it is stored, as it is answered
purchase.py  what a create comes to, in both consistency modes
read.py      GET /orders and GET /health
records.py   one JSON line a request: log record and metrics at once (CloudWatch embedded metric format)
request.py   what arrives: API Gateway's proxy event, and the parameters in it
response.py  what is answered: API Gateway's proxy response, with the region and CORS headers on each
settings.py  the one reader of the functions' environment
store.py     DynamoDB: every call that create, read and health make
strong.py    create an order on strongly consistent global tables (MRSC): conditional writes of single items
"""
