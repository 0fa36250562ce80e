package guides_test

// commands is the reason of blocks of commands that a test passes to Terraform one by one.
func commands(test string) string { return "commands that " + test + " runs" }

// fragments are the code blocks that are no part of an example, with the reason: the name of the page and the first line of the
// block.
var fragments = map[string]string{
	"README.md: make demo": "the targets of the GNUmakefile; TestDemo runs the demo",

	"adopting-a-cluster.md.tmpl: terraform init":                                                                commands("TestAccConnector_adoptCluster"),
	`adopting-a-cluster.md.tmpl: terraform plan   # shows "203 to import, 0 to add, 0 to change, 0 to destroy"`: commands("TestAccConnector_adoptCluster"),
	`adopting-a-cluster.md.tmpl: terraform plan   # shows "200 to import, 0 to add, 0 to change, 0 to destroy"`: commands("TestAccConnector_adoptCluster"),
	"adopting-a-cluster.md.tmpl: terraform plan -generate-config-out=generated.tf":                              commands("TestAccInternalTopic_adoptGroup"),

	`event-streams.md.tmpl: export TF_VAR_bootstrap_servers='["broker-0-….eventstreams.cloud.ibm.com:9093","broker-1-….eventstreams.cloud.ibm.com:9093"]'`: "values of the reader; TestAccGuide_securedBrokers sets these variables",

	"first-pipeline.md.tmpl: make install":                                                 "a target of the GNUmakefile; TestGuide_makeInstall runs it",
	"first-pipeline.md.tmpl: go run ./internal/stack/cmd kafka PATH/TO/EMPTY/FOLDER/kafka": "TestAccGuide_firstPipeline writes the same folder",

	"health-checks.md.tmpl: terraform plan -out=tfplan": "TestAccConnectorDataSource_guide reads the same field of the plan without jq",

	`many-clusters.md.tmpl: data "kafkaconnect_connectors" "unhealthy" {`: "shows one argument of a data source; TestAccConnectorDataSource_guide reads it with this filter",

	"restart-policy.md.tmpl: # /etc/systemd/system/connectors.service":                                                                         "a unit of systemd, which the tests do not run",
	"restart-policy.md.tmpl: # /etc/systemd/system/connectors.timer":                                                                           "a unit of systemd, which the tests do not run",
	"restart-policy.md.tmpl: systemctl enable --now connectors.timer":                                                                          "a command of systemd",
	"restart-policy.md.tmpl: terraform apply -auto-approve -input=false -lock-timeout=5m -invoke=action.kafkaconnect_restart_connector.failed": commands("TestAccConnector_guideOfInvokedRestarts"),

	`worker-configurations.md.tmpl: client_prefixes = ["producer", "admin"] # sources only; admin clients create topics`:        "TestAccWorkerConfig_workersStartFromExamples adds it to examples/distributed",
	`worker-configurations.md.tmpl: client_prefixes = ["consumer"] # sinks only; add producer and admin for dead letter queues`: "TestAccWorkerConfig_workersStartFromExamples adds it to examples/distributed",
	`worker-configurations.md.tmpl: resource "kafkaconnect_standalone_worker_config" "this" {`:                                  "an abbreviation of examples/standalone",
	"worker-configurations.md.tmpl: # instead of password_wo, in security.sasl":                                                 "a line of examples/container with a comment",
	`worker-configurations.md.tmpl: output "environment" {`:                                                                     "an abbreviation of examples/container",
	`worker-configurations.md.tmpl: environment_image = "debezium" # such as GROUP_ID instead of CONNECT_GROUP_ID`:              "TestAccWorkerConfig_workersStartFromExamples adds it to examples/container",
	"worker-configurations.md.tmpl: security = {":                                                                               "needs Amazon MSK; TestBareKeysOfMSKReachAllClients renders it",
	`worker-configurations.md.tmpl: # /run/secrets/kafka.properties: JAAS needs a\"b\\c, and the file doubles each \`:           "TestAccWorkerConfig_workersStartFromExamples escapes its password in the same way",
	"worker-configurations.md.tmpl: locals {":                                                                                   "an abbreviation of examples/functions/properties_encode",
	`worker-configurations.md.tmpl: resource "terraform_data" "restart" {`:                                                      "needs systemd; TestAccAwaitWorkers_guide restarts workers in the same way",

	"worker-rollouts.md.tmpl: #!/bin/sh": "needs a host with systemd and ssh; TestAccAwaitWorkers_guide runs another command",
	"worker-rollouts.md.tmpl: locals {":  "the postcondition for several workers; TestDemo applies that of one worker",
}
