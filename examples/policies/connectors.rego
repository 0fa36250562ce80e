# Rules for the connectors in a Terraform plan. Change the constants to the rules of your organization.
#
#	terraform plan -out plan && terraform show -json plan >plan.json
#	opa eval --fail-defined --input plan.json --data connectors.rego 'data.kafkaconnect.deny[_]'
#
# Values that Terraform does not know before the apply are not checked.
package kafkaconnect

allowed_classes := {
	"org.apache.kafka.connect.file.FileStreamSourceConnector",
	"org.apache.kafka.connect.file.FileStreamSinkConnector",
	"io.debezium.connector.postgresql.PostgresConnector",
}

name_pattern := `^[a-z][a-z0-9-]*-(source|sink)$`

secret_key_pattern := `(?i)(password|passphrase|secret|token|credential|private[._-]?key|api[._-]?key|jaas\.config)`

# The worker resolves a value such as ${file:/run/secrets/db:password}.
placeholder_pattern := `^\$\{[^}]+\}$`

deny contains message if {
	some address, connector in connectors
	some key, value in connector.config
	regex.match(secret_key_pattern, key)
	not regex.match(placeholder_pattern, value)
	message := sprintf("%s: config has the secret %q. Move it to config_wo, or use a placeholder of a config provider.", [address, key])
}

deny contains message if {
	some address, connector in connectors
	class := connector.config["connector.class"]
	not class in allowed_classes
	message := sprintf("%s: class %s is not allowed", [address, class])
}

deny contains message if {
	some address, connector in connectors
	not regex.match(name_pattern, connector.name)
	message := sprintf("%s: name %q does not match %s", [address, connector.name, name_pattern])
}

deny contains message if {
	some address, connector in connectors
	is_sink(connector)
	not has_dead_letter_queue(connector)
	message := sprintf("%s: a sink needs errors.tolerance = all and errors.deadletterqueue.topic.name", [address])
}

# Connectors that the plan creates or changes, by address.
connectors[change.address] := change.change.after if {
	some change in input.resource_changes
	change.type == "kafkaconnect_connector"
	some action in change.change.actions
	action in {"create", "update"}
}

# Only sinks have one of these keys.
is_sink(connector) if connector.config.topics

is_sink(connector) if connector.config["topics.regex"]

has_dead_letter_queue(connector) if {
	connector.config["errors.tolerance"] == "all"
	connector.config["errors.deadletterqueue.topic.name"] != ""
}
