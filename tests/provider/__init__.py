"""The real AWS provider as a judge of the program, of its CI policies and of the twin.

terraform-provider-aws is what pulumi-aws bridges. Where `terraform` and the provider are on the machine,
`make test-provider` takes what was deployed into a twin, writes it down as a Terraform configuration by the
provider's own schema (`translate.py`), and lets the real provider work on it with no more rights than
docs/ci-policies give:

- import every resource of both deployed stacks, and plan no change;
- make both stacks from nothing in an empty twin, plan no change, update a field of every type that can be
  updated, plan no change again, and destroy all of it.

`exceptions.py` lists what cannot be compared, each with its reason. `make record-provider` writes
`answers.json`: what kind of value the real provider gave for every output attribute. `make test` does not run
this tier, which takes many minutes; it holds the mocks and the twin's Pulumi provider to that file.

The provider is found in a filesystem mirror (`mirror.py`); TF_AWS_PROVIDER_MIRROR names one.
"""
