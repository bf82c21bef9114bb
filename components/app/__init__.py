"""The order service of one region: its functions, its API, what they are made of, and the load generator.

account_log_role.py     API Gateway's log role of a region, where it must be there already
api_gateway_account.py  API Gateway's account-wide setting in a region
artifacts.py            a region's bucket for code archives, and the Lambda layers that are made from it
function_resources.py   what every Lambda function of the program is made of: a log group
functions.py            the order service's Lambda functions of one region, all from one archive
load_generator.py       the load generator of one region
private_bucket.py       a private, versioned, encrypted bucket for what can be made again
regional_app.py         everything of the order service that one region needs to answer requests by its
rest_api.py             the REST API of one region, made from an OpenAPI document: deployment, stage, logs
"""
