"""Which IAM actions the AWS provider needs for each resource type of this program: a table.

The actions are the calls that the provider makes (hashicorp/terraform-provider-aws, internal/service/...),
under the names, and on the narrowest resources, that the Service Authorization Reference has for them.
`{prefix}` is the start of every physical name, `{canaries}` what Synthetics keeps of it in the names of what
it makes. Identifiers that AWS makes up (API ids, certificates, routing
controls) cannot be foreseen, so there the kind of resource is the narrowest scope. What AWS needs beyond the
calls (service-linked roles, replicas) names its source.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from blueprint.order_service import CANARY_IDS

Condition = Mapping[str, Mapping[str, Any]]

ANY: Final = ("*",)


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Actions on resources. `read` looks (plan, refresh, lookup); `write` creates, changes, tags, deletes."""

    resources: tuple[str, ...]
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    condition: Condition = field(default_factory=dict)
    why_any: str = ""
    """Why the resource is `*`: AWS knows no narrower one for these actions."""


def _service(name: str, actions: str) -> tuple[str, ...]:
    return tuple(f"{name}:{action}" for action in actions.split())


_API: Final = Grant(
    # Made-up ids. API Gateway names its actions after HTTP methods.
    resources=("arn:aws:apigateway:*::/restapis", "arn:aws:apigateway:*::/restapis/*"),
    read=_service("apigateway", "GET"),
    write=_service("apigateway", "POST PUT PATCH DELETE"),
)
_API_TAGS: Final = Grant(
    resources=("arn:aws:apigateway:*::/tags/*",),
    read=_service("apigateway", "GET"),
    write=_service("apigateway", "PUT DELETE"),
)
_API_DOMAIN: Final = Grant(
    resources=("arn:aws:apigateway:*::/domainnames", "arn:aws:apigateway:*::/domainnames/{domain}*"),
    read=_service("apigateway", "GET"),
    write=_service("apigateway", "POST PUT PATCH DELETE"),
)
_API_ACCOUNT: Final = Grant(
    resources=("arn:aws:apigateway:*::/account",),
    read=_service("apigateway", "GET"),
    write=_service("apigateway", "PATCH"),
)
_CERTIFICATE: Final = Grant(
    resources=("arn:aws:acm:*:{account}:certificate/*",),
    read=_service("acm", "DescribeCertificate ListTagsForCertificate"),
    write=_service("acm", "DeleteCertificate AddTagsToCertificate RemoveTagsFromCertificate"),
)
_CERTIFICATE_REQUEST: Final = Grant(
    resources=ANY,
    write=_service("acm", "RequestCertificate"),
    # ACM User Guide, "Use condition keys with ACM".
    condition={
        "ForAllValues:StringEquals": {"acm:DomainNames": ["{domain}"]},
        "StringEqualsIfExists": {"acm:ValidationMethod": "DNS"},
    },
    why_any="a certificate has no ARN before it is requested; the condition holds it to the service's name",
)
_LOG_GROUP: Final = Grant(
    resources=(
        "arn:aws:logs:*:{account}:log-group:/aws/*/{prefix}-*",
        "arn:aws:logs:*:{account}:log-group:/aws/lambda/cwsyn-{canaries}*",
    ),
    read=_service("logs", "ListTagsForResource"),
    write=_service(
        "logs",
        "CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy TagResource UntagResource",
    ),
)
_LOG_GROUPS: Final = Grant(
    resources=ANY,
    read=_service("logs", "DescribeLogGroups"),
    why_any="it lists, and is asked for a name's start",
)
_ALARM: Final = Grant(
    resources=("arn:aws:cloudwatch:*:{account}:alarm:{prefix}-*",),
    read=_service("cloudwatch", "ListTagsForResource"),
    write=_service("cloudwatch", "PutMetricAlarm DeleteAlarms TagResource UntagResource"),
)
_ALARMS: Final = Grant(
    resources=ANY,
    read=_service("cloudwatch", "DescribeAlarms"),
    why_any="on a narrower one AWS tells nothing of composite alarms (CloudWatch API, DescribeAlarms)",
)
_COMPOSITE_ALARM: Final = Grant(
    resources=ANY,
    write=_service("cloudwatch", "PutCompositeAlarm"),
    why_any="AWS takes no narrower one (CloudWatch API, PutCompositeAlarm)",
)
_DASHBOARD: Final = Grant(
    resources=("arn:aws:cloudwatch::{account}:dashboard/{prefix}-*",),
    read=_service("cloudwatch", "GetDashboard"),
    write=_service("cloudwatch", "PutDashboard DeleteDashboards"),
)
_TABLE: Final = Grant(
    resources=("arn:aws:dynamodb:*:{account}:table/{prefix}-*",),
    read=_service(
        "dynamodb", "DescribeTable DescribeContinuousBackups DescribeTimeToLive ListTagsOfResource"
    ),
    write=_service(
        "dynamodb",
        "CreateTable UpdateTable DeleteTable UpdateContinuousBackups UpdateTimeToLive TagResource "
        "UntagResource",
    ),
)
_REPLICAS: Final = Grant(
    # Whoever adds a replica needs what filling it takes (Developer Guide, "DynamoDB global tables security").
    resources=_TABLE.resources,
    write=_service(
        "dynamodb",
        "CreateTableReplica DeleteTableReplica CreateGlobalTableWitness DeleteGlobalTableWitness "
        "Scan Query GetItem PutItem UpdateItem DeleteItem BatchWriteItem",
    ),
)
_TABLE_KEY: Final = Grant(
    # A replica's read looks up the default key of its region (internal/service/dynamodb/table_replica.go).
    resources=("arn:aws:kms:*:{account}:key/*",),
    read=_service("kms", "DescribeKey"),
)
_TABLE_ITEM: Final = Grant(
    # The provider names the item's key in every call (internal/service/dynamodb/table_item.go). Who deploys
    # has these actions on all items as well, for the replicas.
    resources=_TABLE.resources,
    read=_service("dynamodb", "GetItem"),
    write=_service("dynamodb", "PutItem UpdateItem DeleteItem"),
    condition={
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": sorted(CANARY_IDS.values())},
        # ForAllValues is true of a request without keys (IAM User Guide, "Multivalued context keys").
        "Null": {"dynamodb:LeadingKeys": "false"},
    },
)
_SERVICE_LINKED_ROLES: Final = Grant(
    resources=("arn:aws:iam::{account}:role/aws-service-role/*",),
    write=_service("iam", "CreateServiceLinkedRole"),
    condition={
        "StringEquals": {
            "iam:AWSServiceName": [
                "ops.apigateway.amazonaws.com",
                "replication.dynamodb.amazonaws.com",
                "route53-recovery-readiness.amazonaws.com",
            ]
        }
    },
)
_ROLE: Final = Grant(
    resources=("arn:aws:iam::{account}:role/{prefix}-*",),
    read=_service("iam", "GetRole ListRolePolicies ListAttachedRolePolicies GetRolePolicy"),
    write=_service(
        "iam",
        "CreateRole DeleteRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy TagRole UntagRole "
        "ListInstanceProfilesForRole "
        "PutRolePolicy DeleteRolePolicy",
    ),
)
_PASS_ROLE: Final = Grant(
    resources=_ROLE.resources,
    write=_service("iam", "PassRole"),
    condition={
        "StringEquals": {
            "iam:PassedToService": [
                "apigateway.amazonaws.com",
                "lambda.amazonaws.com",
                "states.amazonaws.com",
                "synthetics.amazonaws.com",
            ]
        }
    },
)
_POLICY: Final = Grant(
    resources=("arn:aws:iam::{account}:policy/{prefix}-*",),
    read=_service("iam", "GetPolicy GetPolicyVersion ListPolicyVersions"),
    write=_service(
        "iam", "CreatePolicy CreatePolicyVersion DeletePolicyVersion DeletePolicy TagPolicy UntagPolicy"
    ),
)
_FUNCTION: Final = Grant(
    resources=("arn:aws:lambda:*:{account}:function:{prefix}-*",),
    read=_service(
        "lambda",
        "GetFunction GetFunctionConfiguration GetFunctionCodeSigningConfig ListVersionsByFunction "
        "ListTags GetPolicy",
    ),
    write=_service(
        "lambda",
        "CreateFunction UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction TagResource "
        "UntagResource "
        "AddPermission RemovePermission",
    ),
)
_LAYER: Final = Grant(
    resources=("arn:aws:lambda:*:{account}:layer:{prefix}-*",),
    read=_service("lambda", "GetLayerVersion"),
    write=_service("lambda", "PublishLayerVersion DeleteLayerVersion"),
)
_BUCKET: Final = Grant(
    resources=("arn:aws:s3:::{prefix}-*",),
    read=_service(
        "s3",
        "ListBucket GetBucketLocation GetBucketTagging ListTagsForResource GetBucketPolicy GetBucketAcl "
        "GetBucketCORS "
        "GetBucketWebsite GetBucketVersioning GetAccelerateConfiguration GetBucketRequestPayment "
        "GetBucketLogging "
        "GetLifecycleConfiguration GetReplicationConfiguration GetEncryptionConfiguration "
        "GetBucketObjectLockConfiguration GetBucketPublicAccessBlock",
    ),
    write=_service(
        "s3",
        "CreateBucket DeleteBucket ListBucketVersions PutBucketTagging TagResource UntagResource "
        "PutBucketPolicy "
        "DeleteBucketPolicy PutBucketVersioning PutEncryptionConfiguration PutLifecycleConfiguration "
        "PutBucketPublicAccessBlock",
    ),
)
_OBJECT: Final = Grant(
    resources=("arn:aws:s3:::{prefix}-*/*",),
    # GetObject also when a function, a layer or a canary is made from one: with the caller's rights.
    read=_service("s3", "GetObject GetObjectVersion GetObjectTagging"),
    write=_service("s3", "PutObject PutObjectTagging DeleteObject DeleteObjectVersion"),
)
_ZONE: Final = Grant(
    resources=("arn:aws:route53:::hostedzone/{zone}",),
    read=_service("route53", "GetHostedZone ListResourceRecordSets ListTagsForResource"),
    write=_service("route53", "ChangeResourceRecordSets"),
)
_ZONES: Final = Grant(
    resources=ANY,
    read=_service("route53", "ListHostedZones ListHostedZonesByName"),
    why_any="the zone is found by its name",
)
_DNS_CHANGE: Final = Grant(resources=("arn:aws:route53:::change/*",), write=_service("route53", "GetChange"))
_HEALTH_CHECK: Final = Grant(
    resources=("arn:aws:route53:::healthcheck/*",),
    read=_service("route53", "GetHealthCheck ListTagsForResource"),
    write=_service("route53", "UpdateHealthCheck DeleteHealthCheck ChangeTagsForResource"),
)
_HEALTH_CHECK_REQUEST: Final = Grant(
    resources=ANY,
    write=_service("route53", "CreateHealthCheck"),
    why_any="a health check has no ARN before it is made",
)
_ROUTING: Final = Grant(
    resources=("arn:aws:route53-recovery-control::{account}:*",),
    read=_service(
        "route53-recovery-control-config",
        "DescribeCluster DescribeControlPanel DescribeRoutingControl DescribeSafetyRule ListTagsForResource",
    ),
    write=_service(
        "route53-recovery-control-config",
        "CreateCluster UpdateCluster DeleteCluster CreateControlPanel UpdateControlPanel DeleteControlPanel "
        "CreateRoutingControl UpdateRoutingControl DeleteRoutingControl CreateSafetyRule UpdateSafetyRule "
        "DeleteSafetyRule TagResource UntagResource",
    ),
)
_READINESS: Final = Grant(
    resources=("arn:aws:route53-recovery-readiness::{account}:*/{prefix}-*",),
    read=_service(
        "route53-recovery-readiness",
        "GetCell GetRecoveryGroup GetResourceSet GetReadinessCheck ListTagsForResources",
    ),
    write=_service(
        "route53-recovery-readiness",
        "CreateCell UpdateCell DeleteCell CreateRecoveryGroup UpdateRecoveryGroup DeleteRecoveryGroup "
        "CreateResourceSet "
        "UpdateResourceSet DeleteResourceSet CreateReadinessCheck UpdateReadinessCheck "
        "DeleteReadinessCheck "
        "TagResource UntagResource",
    ),
)
_STATE_MACHINE: Final = Grant(
    resources=("arn:aws:states:*:{account}:stateMachine:{prefix}-*",),
    read=_service("states", "DescribeStateMachine ListStateMachineVersions ListTagsForResource"),
    write=_service(
        "states", "CreateStateMachine UpdateStateMachine DeleteStateMachine TagResource UntagResource"
    ),
)
_STATE_MACHINE_CHECK: Final = Grant(
    # While it plans: a preview fails without it (internal/service/sfn/state_machine.go, CustomizeDiff).
    resources=ANY,
    read=_service("states", "ValidateStateMachineDefinition"),
    why_any="it checks a text",
)
_TOPIC: Final = Grant(
    resources=("arn:aws:sns:*:{account}:{prefix}-*",),
    read=_service("sns", "GetTopicAttributes ListTagsForResource ListSubscriptionsByTopic"),
    write=_service("sns", "CreateTopic SetTopicAttributes DeleteTopic TagResource UntagResource Subscribe"),
)
_SUBSCRIPTION: Final = Grant(
    resources=ANY,
    read=_service("sns", "GetSubscriptionAttributes"),
    write=_service("sns", "SetSubscriptionAttributes Unsubscribe"),
    why_any="IAM knows no resource for a subscription's actions",
)
_CANARY: Final = Grant(
    resources=("arn:aws:synthetics:*:{account}:canary:{prefix}-*",),
    read=_service("synthetics", "GetCanary ListTagsForResource"),
    write=_service(
        "synthetics",
        "CreateCanary UpdateCanary DeleteCanary StartCanary StopCanary TagResource UntagResource",
    ),
)
_CANARY_FUNCTION: Final = Grant(
    # Synthetics makes each canary's function and layer with the caller's rights (AWS's own policy for it,
    # CloudWatchSyntheticsFullAccess, has these actions).
    resources=(
        "arn:aws:lambda:*:{account}:function:cwsyn-{canaries}*",
        "arn:aws:lambda:*:{account}:layer:cwsyn-{canaries}*",
    ),
    write=_service(
        "lambda",
        "CreateFunction AddPermission PublishVersion UpdateFunctionCode UpdateFunctionConfiguration "
        "GetFunction "
        "GetFunctionConfiguration DeleteFunction ListTags TagResource UntagResource GetLayerVersion "
        "PublishLayerVersion DeleteLayerVersion",
    ),
)
_CANARY_RUNTIME: Final = Grant(
    resources=("arn:aws:lambda:*:*:layer:Synthetics*:*",), write=_service("lambda", "GetLayerVersion")
)

GRANTS: Final[Mapping[str, tuple[Grant, ...]]] = {
    "aws:acm/certificate:Certificate": (_CERTIFICATE, _CERTIFICATE_REQUEST),
    "aws:acm/certificateValidation:CertificateValidation": (_CERTIFICATE,),
    "aws:apigateway/account:Account": (_API_ACCOUNT, _PASS_ROLE),
    "aws:apigateway/basePathMapping:BasePathMapping": (_API_DOMAIN,),
    "aws:apigateway/deployment:Deployment": (_API,),
    "aws:apigateway/domainName:DomainName": (_API_DOMAIN, _API_TAGS, _SERVICE_LINKED_ROLES),
    "aws:apigateway/methodSettings:MethodSettings": (_API,),
    "aws:apigateway/restApi:RestApi": (_API, _API_TAGS),
    "aws:apigateway/stage:Stage": (_API, _API_TAGS),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": (_ALARM, _ALARMS, _COMPOSITE_ALARM),
    "aws:cloudwatch/dashboard:Dashboard": (_DASHBOARD,),
    "aws:cloudwatch/logGroup:LogGroup": (_LOG_GROUP, _LOG_GROUPS),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (_ALARM, _ALARMS),
    "aws:dynamodb/table:Table": (_TABLE, _REPLICAS, _SERVICE_LINKED_ROLES),
    "aws:dynamodb/tableItem:TableItem": (_TABLE_ITEM,),
    "aws:dynamodb/tableReplica:TableReplica": (_TABLE, _REPLICAS, _TABLE_KEY, _SERVICE_LINKED_ROLES),
    "aws:iam/policy:Policy": (_POLICY,),
    "aws:iam/role:Role": (_ROLE,),
    "aws:iam/rolePolicy:RolePolicy": (_ROLE,),
    "aws:lambda/function:Function": (_FUNCTION, _LAYER, _OBJECT, _PASS_ROLE),
    "aws:lambda/layerVersion:LayerVersion": (_LAYER, _OBJECT),
    "aws:lambda/permission:Permission": (_FUNCTION,),
    "aws:route53/healthCheck:HealthCheck": (_HEALTH_CHECK, _HEALTH_CHECK_REQUEST, _ROUTING),
    "aws:route53/record:Record": (_ZONE, _ZONES, _DNS_CHANGE),
    "aws:route53recoverycontrol/cluster:Cluster": (_ROUTING,),
    "aws:route53recoverycontrol/controlPanel:ControlPanel": (_ROUTING,),
    "aws:route53recoverycontrol/routingControl:RoutingControl": (_ROUTING,),
    "aws:route53recoverycontrol/safetyRule:SafetyRule": (_ROUTING,),
    "aws:route53recoveryreadiness/cell:Cell": (_READINESS,),
    "aws:route53recoveryreadiness/readinessCheck:ReadinessCheck": (_READINESS, _SERVICE_LINKED_ROLES),
    "aws:route53recoveryreadiness/recoveryGroup:RecoveryGroup": (_READINESS,),
    "aws:route53recoveryreadiness/resourceSet:ResourceSet": (_READINESS,),
    "aws:s3/bucket:Bucket": (_BUCKET, _OBJECT),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (_BUCKET,),
    "aws:s3/bucketObjectv2:BucketObjectv2": (_OBJECT, _BUCKET),
    "aws:s3/bucketPolicy:BucketPolicy": (_BUCKET,),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (_BUCKET,),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (_BUCKET,),
    "aws:s3/bucketVersioning:BucketVersioning": (_BUCKET,),
    "aws:sfn/stateMachine:StateMachine": (_STATE_MACHINE, _STATE_MACHINE_CHECK, _PASS_ROLE),
    "aws:sns/topic:Topic": (_TOPIC,),
    "aws:sns/topicPolicy:TopicPolicy": (_TOPIC,),
    "aws:sns/topicSubscription:TopicSubscription": (_TOPIC, _SUBSCRIPTION),
    "aws:synthetics/canary:Canary": (_CANARY, _CANARY_FUNCTION, _CANARY_RUNTIME, _OBJECT, _PASS_ROLE),
}
"""By resource type. A type that the program declares and that is not here fails a test."""
