package connectclient_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

// Stack traces as workers report them, with the content of a record in place of "hunter2".
const converterTrace = `org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler
	at org.apache.kafka.connect.runtime.errors.RetryWithToleranceOperator.execAndHandleError(RetryWithToleranceOperator.java:260)
	at org.apache.kafka.connect.runtime.WorkerSinkTask.convertAndTransformRecord(WorkerSinkTask.java:547)
Caused by: org.apache.kafka.connect.errors.DataException: Converting byte[] to Kafka Connect data failed due to serialization error: 
	at org.apache.kafka.connect.json.JsonConverter.toConnectData(JsonConverter.java:333)
	... 13 more
Caused by: org.apache.kafka.common.errors.SerializationException: com.fasterxml.jackson.core.JsonParseException: Unrecognized token 'hunter2': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')
 at [Source: (byte[])"hunter2 and more"; line: 1, column: 9]
	at org.apache.kafka.connect.json.JsonDeserializer.deserialize(JsonDeserializer.java:69)
Caused by: com.fasterxml.jackson.core.JsonParseException: Unrecognized token 'hunter2': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')
 at [Source: (byte[])"hunter2 and more"; line: 1, column: 9]
	at com.fasterxml.jackson.core.JsonParser._constructError(JsonParser.java:2477)
`

func TestCauses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		trace string
		want  []string
	}{
		"none": {"", nil},
		"the converter's": {converterTrace, []string{
			"org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler",
			"org.apache.kafka.connect.errors.DataException: Converting byte[] to Kafka Connect data failed due to serialization error:",
			"org.apache.kafka.common.errors.SerializationException",
			"com.fasterxml.jackson.core.JsonParseException: Unrecognized token …: was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
		}},
		"whose authentication": {
			"org.apache.kafka.connect.errors.ConnectException: Failed to find offset\n\tat a.B.c(B.java:1)\n" +
				"Caused by: java.util.concurrent.ExecutionException: org.apache.kafka.common.errors.SaslAuthenticationException: Authentication failed\n\tat a.B.c(B.java:1)\n" +
				"Caused by: org.apache.kafka.common.errors.SaslAuthenticationException: Authentication failed\n",
			[]string{
				"org.apache.kafka.connect.errors.ConnectException: Failed to find offset", "java.util.concurrent.ExecutionException",
				"org.apache.kafka.common.errors.SaslAuthenticationException: Authentication failed",
			},
		},
		"a start quotes the configuration": {
			"X: cannot open '/data/out'\n\tat org.apache.kafka.connect.runtime.WorkerSinkTask.initializeAndStart(WorkerSinkTask.java:329)\n",
			[]string{"X: cannot open '/data/out'"},
		},
		"a long chain": {
			"A: 0\n" + strings.Repeat("Caused by: B: x\nCaused by: C: y\n", 10) + "Caused by: R: root",
			[]string{"A: 0", "…", "C: y", "B: x", "C: y", "B: x", "C: y", "R: root"},
		},
	} {
		if got := connectclient.Causes(test.trace); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// Converters, transforms and databases quote the values of records.
func TestCauses_withoutContent(t *testing.T) {
	t.Parallel()
	for _, message := range []string{
		`org.apache.kafka.connect.errors.DataException: Unexpected value in transformation: 'hunter2'`,
		`java.lang.NumberFormatException: For input string: "hunter2 "and" hunter2"`,
		`java.time.format.DateTimeParseException: Text 'it's hunter2' could not be parsed at index 0`,
		`org.apache.kafka.connect.errors.DataException: Value (hunter2 (two)) was out of range for requested data type`,
		`org.apache.kafka.connect.errors.DataException: Could not parse timestamp: value (hunter2 'x' is) does not match pattern (yyyy-MM-dd)`,
		`org.apache.kafka.connect.errors.DataException: Unable to convert hunter2 (class java.lang.String) to Schema{INT32}`,
		`java.text.ParseException: Unparseable date: "hunter2"`,
		`com.fasterxml.jackson.databind.exc.InvalidFormatException: Cannot deserialize value of type int from String "hunter2": not a valid value`,
		`java.sql.BatchUpdateException: Batch entry 0 INSERT INTO "orders"("id","name") VALUES (1,'hunter2') ON CONFLICT DO NOTHING was aborted`,
		`org.postgresql.util.PSQLException: ERROR: duplicate key value violates unique constraint "orders_pkey" Detail: Key (id)=(hunter2) already exists.`,
		`java.sql.SQLIntegrityConstraintViolationException: Duplicate entry 'hunter2' for key 'orders.PRIMARY'`,
		`java.sql.SQLException: Incorrect integer value: 'hunter2' for column 'id' at row 1`,
		`org.apache.kafka.connect.errors.DataException: Cannot list fields on non-struct type: SinkRecord{kafkaOffset=3} ConnectRecord{topic='lines', key=hunter2, value=hunter2}`,
		`org.apache.kafka.connect.errors.DataException: Only Struct objects supported, found: Struct{id=1,name=hunter2}`,
		`org.elasticsearch.ElasticsearchException: failed to parse field [price] of type [long]. Preview of field's value: 'hunter2'`,
		`org.apache.kafka.connect.errors.DataException: Invalid value: hunter2`,
		`org.apache.kafka.connect.errors.DataException: Conversion error: value [hunter2] of type class java.lang.String`,
		`org.postgresql.util.PSQLException: ERROR: null value in column "name" violates not-null constraint Detail: Failing row contains (1, hunter2).`,
		`com.mongodb.MongoWriteException: E11000 duplicate key error collection: shop.orders index: _id_ dup key: { _id: "hunter2" }`,
	} {
		for _, trace := range []string{message, "X: outer\n\tat a.B.c(B.java:1)\nCaused by: " + message + "\n\tat a.B.c(B.java:1)"} {
			if got := connectclient.RootCause(trace); strings.Contains(got, "hunter2") || !strings.HasPrefix(got, message[:strings.Index(message, ":")+1]) {
				t.Errorf("got %q", got)
			}
		}
	}
	// Names are no content.
	for _, message := range []string{
		"java.nio.file.NoSuchFileException: /nonexistent/out.txt",
		"org.apache.kafka.connect.errors.ConnectException: Couldn't find or create file '/nonexistent/out.txt' for FileStreamSinkTask",
		`org.apache.kafka.connect.errors.DataException: JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields.`,
		`org.apache.kafka.connect.errors.DataException: Invalid Java object for schema "io.debezium.time.Date" with type INT32: class java.lang.String for field: "due"`,
		`org.postgresql.util.PSQLException: FATAL: password authentication failed for user "connect"`,
		`org.postgresql.util.PSQLException: ERROR: replication slot "debezium" is active`,
		`org.apache.kafka.common.errors.UnknownTopicOrPartitionException: This server does not host this topic-partition.`,
		`io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException: Subject 'orders-value' not found.; error code: 40401`,
		`org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized to access topics: [orders]`,
	} {
		if got := connectclient.RootCause(message); got != message {
			t.Errorf("got %q", got)
		}
	}
}

func TestGroupFailures(t *testing.T) {
	t.Parallel()
	failure := func(task *int, worker string, causes ...string) connectclient.Failure {
		return connectclient.Failure{Task: task, WorkerID: worker, Causes: causes}
	}
	groups := connectclient.GroupFailures([]connectclient.Failure{
		failure(nil, "a:1", "X: outer", "Y: root"),
		failure(new(0), "a:1", "X: partition orders-0 at offset 17"),
		failure(new(1), "b:1", "X: partition orders-1 at offset 4711"),
		failure(new(2), "a:1", "X: outer", "Y: root"),
		failure(new(3), "a:1"),
	})
	var got []string
	for _, g := range groups {
		got = append(got, g.Parts()+": "+strings.Join(g.Causes, " / "))
	}
	want := []string{
		"connector and task 2 on worker a:1: X: outer / Y: root",
		"tasks 0, 1 on workers a:1, b:1: X: partition orders-0 at offset 17",
		"task 3 on worker a:1: ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
