"""The only package that touches the emulator (ministack).

The emulator reads most of its settings from the environment while it is imported, so they are set here,
before any module of this package can import it.
"""

import os

from twin.settings import ACCOUNT_ID, GLOBAL_SERVICES_REGION

_ENVIRONMENT = {
    "BIND_HOST": "127.0.0.1",
    "AUTH": "true",  # enforce IAM and check signatures
    # A region's default (Lambda quotas), whatever the memory of this machine.
    "LAMBDA_ACCOUNT_CONCURRENCY": "1000",
    "IOT_MTLS_ENABLED": "0",  # or a listener opens on all interfaces
    "SFTP_ENABLED": "0",
    "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
    "MINISTACK_REGION": GLOBAL_SERVICES_REGION,
    "MINISTACK_HOST": "localhost",
    "MINISTACK_WORKER_THREADS": "16",
    "DOCKER_HOST": "unix:///nonexistent/docker.sock",  # never look for, or remove, containers of this machine
    "PERSIST_STATE": "0",
    "S3_PERSIST": "0",
    "LOCALSTACK_PERSISTENCE": "0",
    "SERVICES": "",
    "LOG_LEVEL": "WARNING",
}
os.environ.update(_ENVIRONMENT)
