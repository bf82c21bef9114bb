"""The operations the twin claims to have, by service (botocore's names). Anything else answers 501, named.

To add one: try it against the twin with a real client, then add it here; `python -m twin coverage
--write` renews docs/twin-operations.md.
"""

_LISTED: dict[str, str] = {
    "acm": """
        AddTagsToCertificate DeleteCertificate DescribeCertificate ListCertificates
        ListTagsForCertificate RemoveTagsFromCertificate RequestCertificate
    """,
    "apigateway": """
        CreateBasePathMapping CreateDeployment CreateDomainName CreateRestApi CreateStage
        DeleteBasePathMapping DeleteDeployment DeleteDomainName DeleteRestApi DeleteStage
        GetAccount GetBasePathMapping GetBasePathMappings GetDeployment GetDeployments GetDomainName
        GetDomainNames GetExport GetGatewayResponse GetGatewayResponses GetIntegration GetMethod
        GetRequestValidator GetRequestValidators GetResource GetResources GetRestApi GetRestApis
        GetStage GetStages GetTags ImportRestApi PutRestApi TagResource UntagResource UpdateAccount
        UpdateBasePathMapping UpdateDeployment UpdateDomainName UpdateRestApi UpdateStage
    """,
    "cloudwatch": """
        DeleteAlarms DeleteDashboards DescribeAlarmHistory DescribeAlarms DescribeAlarmsForMetric
        DisableAlarmActions EnableAlarmActions GetDashboard GetMetricData GetMetricStatistics
        ListDashboards ListMetrics ListTagsForResource PutCompositeAlarm PutDashboard PutMetricAlarm
        PutMetricData SetAlarmState TagResource UntagResource
    """,
    "dynamodb": """
        BatchGetItem BatchWriteItem CreateTable DeleteItem DeleteTable DescribeBackup
        DescribeContinuousBackups DescribeEndpoints DescribeLimits DescribeTable DescribeTimeToLive
        GetItem ListBackups ListTables ListTagsOfResource PutItem Query RestoreTableToPointInTime Scan
        TagResource TransactGetItems TransactWriteItems UntagResource UpdateContinuousBackups UpdateItem
        UpdateTable UpdateTimeToLive
    """,
    "dynamodbstreams": "DescribeStream GetRecords GetShardIterator ListStreams",
    "execute-api": "Invoke",
    "iam": """
        AddUserToGroup AttachGroupPolicy AttachRolePolicy AttachUserPolicy CreateAccessKey CreateGroup
        CreatePolicy CreatePolicyVersion CreateRole CreateServiceLinkedRole CreateUser DeleteAccessKey
        DeleteGroup DeletePolicy DeletePolicyVersion DeleteRole DeleteRolePolicy DeleteUser
        DeleteUserPolicy DetachGroupPolicy DetachRolePolicy DetachUserPolicy GetGroup GetPolicy
        GetPolicyVersion GetRole GetRolePolicy GetUser GetUserPolicy ListAccessKeys
        ListAttachedRolePolicies ListAttachedUserPolicies ListGroupsForUser ListInstanceProfilesForRole
        ListPolicies ListPolicyVersions ListRolePolicies ListRoleTags ListRoles ListUserPolicies ListUsers
        PutRolePolicy PutUserPolicy RemoveUserFromGroup TagPolicy TagRole TagUser UntagPolicy UntagRole
        UntagUser UpdateAccessKey UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription
    """,
    "kms": "DescribeKey",
    "lambda": """
        AddLayerVersionPermission AddPermission CreateFunction DeleteFunction DeleteFunctionConcurrency
        DeleteLayerVersion GetAccountSettings GetFunction GetFunctionCodeSigningConfig GetFunctionConcurrency
        GetFunctionConfiguration GetLayerVersion GetLayerVersionByArn GetLayerVersionPolicy GetPolicy
        Invoke ListFunctions ListLayerVersions ListLayers ListTags ListVersionsByFunction
        PublishLayerVersion PublishVersion PutFunctionConcurrency RemovePermission TagResource
        UntagResource UpdateFunctionCode UpdateFunctionConfiguration
    """,
    "logs": """
        CreateLogGroup CreateLogStream DeleteLogGroup DeleteLogStream DeleteRetentionPolicy
        DescribeLogGroups DescribeLogStreams FilterLogEvents GetLogEvents ListTagsForResource
        ListTagsLogGroup PutLogEvents PutRetentionPolicy TagLogGroup TagResource UntagLogGroup
        UntagResource
    """,
    "resourcegroupstaggingapi": "GetResources GetTagKeys GetTagValues TagResources UntagResources",
    "route53": """
        ChangeResourceRecordSets ChangeTagsForResource CreateHealthCheck CreateHostedZone
        DeleteHealthCheck DeleteHostedZone GetChange GetHealthCheck GetHostedZone GetHostedZoneCount
        ListHealthChecks ListHostedZones ListHostedZonesByName ListResourceRecordSets
        ListTagsForResource ListTagsForResources UpdateHealthCheck
    """,
    "route53-recovery-cluster": """
        GetRoutingControlState ListRoutingControls UpdateRoutingControlState UpdateRoutingControlStates
    """,
    "route53-recovery-control-config": """
        CreateCluster CreateControlPanel CreateRoutingControl CreateSafetyRule DeleteCluster
        DeleteControlPanel DeleteRoutingControl DeleteSafetyRule DescribeCluster DescribeControlPanel
        DescribeRoutingControl DescribeSafetyRule ListAssociatedRoute53HealthChecks ListClusters
        ListControlPanels ListRoutingControls ListSafetyRules ListTagsForResource TagResource
        UntagResource UpdateCluster UpdateControlPanel UpdateRoutingControl UpdateSafetyRule
    """,
    "route53-recovery-readiness": """
        CreateCell CreateReadinessCheck CreateRecoveryGroup CreateResourceSet DeleteCell
        DeleteReadinessCheck DeleteRecoveryGroup DeleteResourceSet GetCell GetReadinessCheck
        GetRecoveryGroup GetResourceSet ListCells ListReadinessChecks ListRecoveryGroups
        ListResourceSets ListTagsForResources TagResource UntagResource UpdateCell
        UpdateReadinessCheck UpdateRecoveryGroup UpdateResourceSet
    """,
    "s3": """
        AbortMultipartUpload CompleteMultipartUpload CopyObject CreateBucket CreateMultipartUpload
        DeleteBucket DeleteBucketEncryption DeleteBucketLifecycle DeleteBucketOwnershipControls
        DeleteBucketPolicy DeleteBucketTagging DeleteObject DeleteObjectTagging DeleteObjects
        DeletePublicAccessBlock GetBucketAccelerateConfiguration GetBucketAcl GetBucketCors
        GetBucketEncryption GetBucketLifecycleConfiguration GetBucketLocation GetBucketLogging
        GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus GetBucketReplication
        GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetObject
        GetObjectAttributes GetObjectLockConfiguration GetObjectTagging GetPublicAccessBlock HeadBucket
        HeadObject ListBuckets ListMultipartUploads ListObjectVersions ListObjects ListObjectsV2
        ListParts PutBucketAcl PutBucketEncryption PutBucketLifecycleConfiguration
        PutBucketOwnershipControls PutBucketPolicy PutBucketTagging PutBucketVersioning PutObject
        PutObjectTagging PutPublicAccessBlock UploadPart UploadPartCopy
    """,
    "s3control": "ListTagsForResource TagResource UntagResource",
    "sns": """
        ConfirmSubscription CreateTopic DeleteTopic GetSubscriptionAttributes GetTopicAttributes
        ListSubscriptions ListSubscriptionsByTopic ListTagsForResource ListTopics Publish
        SetTopicAttributes Subscribe TagResource Unsubscribe UntagResource
    """,
    "stepfunctions": """
        CreateStateMachine DeleteStateMachine DescribeExecution DescribeStateMachine
        DescribeStateMachineForExecution GetExecutionHistory ListExecutions ListStateMachineAliases
        ListStateMachineVersions ListStateMachines ListTagsForResource StartExecution StopExecution
        TagResource UntagResource UpdateStateMachine ValidateStateMachineDefinition
    """,
    "synthetics": """
        CreateCanary DeleteCanary DescribeCanaries DescribeCanariesLastRun DescribeRuntimeVersions
        GetCanary GetCanaryRuns ListTagsForResource StartCanary StopCanary TagResource UntagResource
        UpdateCanary
    """,
    "sts": "AssumeRole GetAccessKeyInfo GetCallerIdentity GetSessionToken",
}

OPERATIONS: dict[str, frozenset[str]] = {
    service: frozenset(names.split()) for service, names in _LISTED.items()
}


def is_in_the_twin(service: str, operation: str | None) -> bool:
    """Whether the twin claims an operation."""
    return operation in OPERATIONS.get(service, frozenset())
