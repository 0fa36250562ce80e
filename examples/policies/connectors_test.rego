package kafkaconnect_test

import data.kafkaconnect

# data.plan is the plan of testdata/main.tf.
test_plan if {
	messages := kafkaconnect.deny with input as data.plan
	messages == {
		`kafkaconnect_connector.secret: config has the secret "database.password". Move it to config_wo, or use a placeholder of a config provider.`,
		"kafkaconnect_connector.class: class com.example.OwnSourceConnector is not allowed",
		`kafkaconnect_connector.name: name "Orders_1" does not match ^[a-z][a-z0-9-]*-(source|sink)$`,
		"kafkaconnect_connector.queue: a sink needs errors.tolerance = all and errors.deadletterqueue.topic.name",
	}
}

# The plan has connectors that obey all rules.
test_plan_has_good_connectors if {
	connectors := kafkaconnect.connectors with input as data.plan
	object.keys(connectors) & {"kafkaconnect_connector.good_source", "kafkaconnect_connector.good_sink"} == {
		"kafkaconnect_connector.good_source",
		"kafkaconnect_connector.good_sink",
	}
}

test_deleted_connectors_are_not_checked if {
	messages := kafkaconnect.deny with input as {"resource_changes": [{
		"address": "kafkaconnect_connector.old",
		"type": "kafkaconnect_connector",
		"change": {"actions": ["delete"], "after": null},
	}]}
	count(messages) == 0
}
