package workerconfig

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// Image is a kind of container image that writes a worker's file from environment variables.
type Image string

// The kinds of images.
const (
	// ImageConfluent is for images such as cp-kafka-connect.
	ImageConfluent Image = "confluent"
	// ImageDebezium is for quay.io/debezium/connect.
	ImageDebezium Image = "debezium"
)

// Images returns the kinds of images.
func Images() []string { return []string{string(ImageConfluent), string(ImageDebezium)} }

// EnvironmentError is a setting that an image cannot read from a variable.
type EnvironmentError struct {
	Key    string
	Reason string // follows `the key "KEY" `, or "all settings together"
	All    bool   // all settings together are too large, and there is no Key
}

func (e *EnvironmentError) Error() string {
	if e.All {
		return "all settings together " + e.Reason
	}
	return fmt.Sprintf("the key %q %s", e.Key, e.Reason)
}

// environmentPrefix starts the names of the variables from which container images
// write a worker's file.
const environmentPrefix = "CONNECT_"

// longestVariable is the length that a variable with name, "=" and value must not reach:
// Linux starts no process with a longer one (MAX_ARG_STRLEN).
const longestVariable = 128 << 10

// largestEnvironment is the size of all variables with which Linux starts no process, with
// the usual limit of the stack.
const largestEnvironment = 2 << 20

// Environment returns the variables from which images such as Confluent's
// cp-kafka-connect write this configuration. See [Image.Environment].
func Environment(properties Properties) (map[string]string, error) {
	return ImageConfluent.Environment(properties)
}

// Environment returns the variables from which the image writes this configuration. The
// images copy the values into a properties file unchanged, so they are escaped here:
// backslashes are doubled and characters outside ASCII are written as escapes.
//
// It leaves out settings that no variable can express, and returns one
// [*EnvironmentError] for each of them, joined. If the variables are too large for a
// process, it returns none.
func (i Image) Environment(properties Properties) (map[string]string, error) {
	name := confluentVariable
	if i == ImageDebezium {
		name = debeziumVariable
		properties = withAdvertisedPort(properties)
	}
	variables := make(map[string]string, len(properties))
	var errs []error
	size := 0
	for _, property := range properties {
		value := javaformat.EncodeValue(property.Value)
		variable, reason := name(property.Key, value)
		if reason == "" && len(variable)+len("=")+len(value) >= longestVariable {
			reason = "cannot be an environment variable: its value has 128 KiB or more, the limit of Linux"
		}
		if reason != "" {
			errs = append(errs, &EnvironmentError{Key: property.Key, Reason: reason})
			continue
		}
		variables[variable] = value
		size += len(variable) + len("=") + len(value) + len("\x00")
	}
	if size >= largestEnvironment {
		return nil, errors.Join(append(errs, &EnvironmentError{All: true, Reason: "cannot be environment variables: they have 2 MiB or more"})...)
	}
	return variables, errors.Join(errs...)
}

// confluentKey matches the keys that Confluent's images can restore from a variable's
// name: the name has no case, and does not distinguish sequences of ".", "_" and "-".
var confluentKey = regexp.MustCompile(`^[a-z0-9]+([._-][a-z0-9]+)*$`)

var confluentName = strings.NewReplacer(".", "_", "_", "__", "-", "___")

// confluentVariable returns CONNECT_ and the key in upper case, with "_" for ".", "__" for
// "_" and "___" for "-", or why there is no such variable.
//
// env_to_props of confluent-docker-utils (dub.py) reads the names this way; some pages
// document "_" and "-" differently. The template of the image is
// kafka-connect.properties.template of kafka-images.
func confluentVariable(key, _ string) (variable, reason string) {
	if !confluentKey.MatchString(key) {
		return "", `cannot be an environment variable: images read only keys of lower case letters and digits, with single ".", "_" or "-" between them`
	}
	return environmentPrefix + strings.ToUpper(confluentName.Replace(key)), ""
}

// debeziumKey matches the keys that Debezium's image can restore from a variable's name:
// every "_" stands for ".".
var debeziumKey = regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9]+)*$`)

// debeziumVariables are the variables with which docker-entrypoint.sh of Debezium's image
// overwrites the CONNECT_ variable of a key. It has defaults for most of them.
var debeziumVariables = map[string]string{
	"bootstrap.servers":                 "BOOTSTRAP_SERVERS",
	"config.storage.topic":              "CONFIG_STORAGE_TOPIC",
	"group.id":                          "GROUP_ID",
	"key.converter":                     "KEY_CONVERTER",
	"offset.flush.interval.ms":          "OFFSET_FLUSH_INTERVAL_MS",
	"offset.flush.timeout.ms":           "OFFSET_FLUSH_TIMEOUT_MS",
	"offset.storage.topic":              "OFFSET_STORAGE_TOPIC",
	advertisedPortKey:                   "ADVERTISED_PORT",
	"rest.advertised.host.name":         "ADVERTISED_HOST_NAME",
	"status.storage.topic":              "STATUS_STORAGE_TOPIC",
	"task.shutdown.graceful.timeout.ms": "SHUTDOWN_TIMEOUT",
	"value.converter":                   "VALUE_CONVERTER",
}

// debeziumTemplate has the other keys of the file that Debezium's image edits with sed,
// which changes some characters of a value. It appends all other keys.
var debeziumTemplate = []string{
	"config.storage.replication.factor", "key.converter.schemas.enable", listenersKey, "offset.storage.partitions", "offset.storage.replication.factor",
	"plugin.path", "rest.advertised.listener", "status.storage.partitions", "status.storage.replication.factor", "value.converter.schemas.enable",
}

const (
	advertisedPortKey = "rest.advertised.port"
	listenersKey      = "listeners"
)

// debeziumVariable returns the variable that Debezium's image reads for a key, or the
// reason why no variable can set the key.
func debeziumVariable(key, value string) (variable, reason string) {
	if !debeziumKey.MatchString(key) {
		return "", `cannot be an environment variable: Debezium's image reads only keys of lower case letters and digits, with single "." between them`
	}
	variable, overwritten := debeziumVariables[key]
	if (overwritten || slices.Contains(debeziumTemplate, key)) && strings.ContainsAny(value, `\@&`) {
		return "", `cannot be an environment variable: Debezium's image changes the characters \, @ and & in its value`
	}
	if !overwritten {
		variable = environmentPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
	}
	return variable, ""
}

// withAdvertisedPort adds the advertised port that a worker takes from its first listener.
// Without it, Debezium's image sets 8083.
func withAdvertisedPort(properties Properties) Properties {
	listeners, _ := properties.Value(listenersKey)
	first, _, _ := strings.Cut(listeners, ",")
	at := strings.LastIndex(first, ":")
	if _, given := properties.Value(advertisedPortKey); given || !restListener.MatchString(first) {
		return properties
	}
	return append(slices.Clip(properties), Property{Key: advertisedPortKey, Value: first[at+1:]})
}
