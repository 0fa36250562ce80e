acls="kafka-acls.sh --bootstrap-server $BOOTSTRAP --command-config admin.properties --add --allow-principal"

# The provider: creates and changes the internal topics, and reads the lag of the sink.
$acls User:terraform --topic connect- --resource-pattern-type prefixed --operation Create --operation Describe \
  --operation DescribeConfigs --operation Alter --operation AlterConfigs --operation Read --operation Write --operation Delete
$acls User:terraform --group connect --operation Describe --operation Read
$acls User:terraform --cluster --operation DescribeConfigs
$acls User:terraform --group connect-orders-sink --operation Describe
$acls User:terraform --topic orders --operation Describe

# The workers: use the internal topics, and find each other in the group.
$acls User:connect --topic connect- --resource-pattern-type prefixed --operation Describe --operation DescribeConfigs \
  --operation Read --operation Write
$acls User:connect --group connect --operation Read

# The connectors: the source writes to the topic and creates it; the sink reads from it.
$acls User:connect --topic orders --operation Create --operation Describe --operation Write --operation Read
$acls User:connect --group connect-orders-sink --operation Read
