"""What is to be deployed, as plain data: configuration, names, policies, alarms, dashboards, the API.

alarm_definitions.py  what alarms there are and when each goes off: plain data
aws_regions.py        which AWS regions exist
canary_names.py       the canaries' names, and where in a bucket their results are
canary_runtimes.py    which CloudWatch Synthetics runtimes the canaries can have
config_rules.py       Checks that need more than one key, or the world's data
config_values.py      Turns one configured text into one typed value, or refuses it
dashboard_bodies.py   the bodies of the dashboards: pure functions from names to what CloudWatch draws
errors.py             what the configuration cannot be
load_definition.py    the load generator's state machine in Amazon States Language
naming.py             physical names: every one carries project and stack
openapi.py            Pure functions on the API's OpenAPI document: read it, fill it in for a region
order_service.py      the order service as something to deploy: its tables, and what its canaries read
output_names.py       the stack outputs, the same in every stack: what the program exports and tools read
policies.py           IAM documents: pure functions from names and ARNs to what may be done with them
stack_config.py       every key of the stack configuration, typed and checked
"""
