"""The stack outputs, the same in every stack: what the program exports and tools read.

Standard library only, so that a tool can import it without Pulumi.
"""

from typing import Final

SCHEMA_VERSION: Final = 1
"""Rises when an output that a secondary stack or a tool needs changes its meaning."""

SCHEMA_VERSION_KEY: Final = "schemaVersion"
REGION: Final = "region"
API_ID: Final = "apiId"
API_URL: Final = "apiUrl"
DOMAIN_URL: Final = "domainUrl"
TABLE_NAMES: Final = "tableNames"
CONSISTENCY: Final = "consistency"
DNS_RECORD: Final = "dnsRecord"
FUNCTION_ARNS: Final = "functionArns"
DASHBOARD_URLS: Final = "dashboardUrls"
ALARM_TOPIC_ARNS: Final = "alarmTopicArns"
CANARY_NAMES: Final = "canaryNames"
LOAD_GENERATOR_ARN: Final = "loadGeneratorArn"
HOSTED_ZONE_ID: Final = "hostedZoneId"
ARC: Final = "arc"
OPERATOR_POLICY_ARN: Final = "operatorPolicyArn"
OPERATOR_CHECK_POLICY_ARN: Final = "operatorCheckPolicyArn"

ARC_CLUSTER_ARN: Final = "clusterArn"
ARC_CONTROL_PANEL_ARN: Final = "controlPanelArn"
ARC_CLUSTER_ENDPOINTS: Final = "clusterEndpoints"
ARC_ENDPOINT_REGION: Final = "region"
ARC_ENDPOINT_URL: Final = "url"
ARC_ROUTING_CONTROLS: Final = "routingControls"
ARC_SAFETY_RULE_ARN: Final = "safetyRuleArn"
ARC_HEALTH_CHECKS: Final = "healthChecks"

GLOBAL: Final = (
    SCHEMA_VERSION_KEY,
    DOMAIN_URL,
    DNS_RECORD,
    TABLE_NAMES,
    CONSISTENCY,
    HOSTED_ZONE_ID,
    ARC,
    OPERATOR_POLICY_ARN,
)
"""What a secondary stack needs of the primary and passes through."""

PASSED_ON: Final = (OPERATOR_CHECK_POLICY_ARN,)
"""What it passes through where the primary has it: one that was deployed earlier need not."""

REGIONAL: Final = (
    REGION,
    API_ID,
    API_URL,
    FUNCTION_ARNS,
    DASHBOARD_URLS,
    ALARM_TOPIC_ARNS,
    CANARY_NAMES,
    LOAD_GENERATOR_ARN,
)

ALL: Final = (*GLOBAL, *PASSED_ON, *REGIONAL)
