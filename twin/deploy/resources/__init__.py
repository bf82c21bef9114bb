"""Handlers of every resource type that the program declares, one module a service.

acm.py         Certificate Manager: certificates and the wait for their validation
apigateway.py  API Gateway: REST APIs, deployments, stages, custom domains, the account's log role
arc.py         ARC routing control: clusters, control panels, routing controls, safety rules
base.py        what every handler of a resource type has in common
cloudwatch.py  CloudWatch: metric alarms, composite alarms, dashboards
dynamodb.py    DynamoDB tables, their replicas, and items that belong to the infrastructure
iam.py         IAM roles and the policies in them
lambda_.py     Lambda: functions, layers, and permissions to invoke
logs.py        CloudWatch Logs: log groups
readiness.py   ARC readiness check: cells, recovery groups, resource sets, readiness checks
registry.py    every handler by the resource type that it stands for
route53.py     Route 53: records and health checks
s3.py          S3: buckets, their settings, and objects
sfn.py         Step Functions: state machines
sns.py         SNS: topics, their policies, subscriptions
synthetics.py  CloudWatch Synthetics canaries
"""
