"""What is to be deployed, as plain data: configuration, names, policies, alarms, dashboards, the API.

alarm_definitions.py  what alarms there are and when each goes off: plain data
aws_regions.py        which AWS regions exist
canary_names.py       the canaries' names, and where in a bucket their results are
canary_runtimes.py    which CloudWatch Synthetics runtimes the canaries can have
config_keys.py        how a configuration key is declared, and how its text becomes a value
config_rules.py       checks that need more than one key, or the world's data
dashboard_bodies.py   the bodies of the dashboards: pure functions from names to what CloudWatch draws
errors.py             what the configuration cannot be
load_definition.py    the load generator's state machine in Amazon States Language
naming.py             physical names: every one carries project and stack
openapi.py            Pure functions on the API's OpenAPI document: read it, fill it in for a region
operator_check.py     the rights of whoever looks at the regions in an incident, as a policy
order_service.py      the order service as something to deploy: its tables, functions, routes, canary order
output_names.py       the stack outputs, the same in every stack: what the program exports and tools read
policies.py           IAM documents: pure functions from names and ARNs to what may be done with them
project_files.py      Pulumi's files of a project, put together as Pulumi itself does it
stack_config.py       the stack configuration: one declaration a key
"""
