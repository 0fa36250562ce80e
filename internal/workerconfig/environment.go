package workerconfig

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// environmentPrefix starts the names of the variables from which container images
// write a worker's file.
const environmentPrefix = "CONNECT_"

// environmentKey matches the keys that images can restore from a variable's name: the
// name has no case, and does not distinguish sequences of ".", "_" and "-".
var environmentKey = regexp.MustCompile(`^[a-z0-9]+([._-][a-z0-9]+)*$`)

var environmentName = strings.NewReplacer(".", "_", "_", "__", "-", "___")

// Environment returns the variables from which a container image such as Confluent's
// cp-kafka-connect writes this configuration: CONNECT_ and the key in upper case, with
// "_" for ".", "__" for "_" and "___" for "-".
//
// env_to_props of confluent-docker-utils (dub.py) reads the names this way; some pages
// document "_" and "-" differently. The template of the image
// (kafka-connect.properties.template of kafka-images) copies the values into a
// properties file unchanged, so they are escaped here: backslashes are doubled and
// characters outside ASCII are written as escapes.
//
// A key that no variable can express, such as one with an upper case letter, is an
// error that names the key.
func Environment(properties Properties) (map[string]string, error) {
	variables := make(map[string]string, len(properties))
	for _, property := range properties {
		if !environmentKey.MatchString(property.Key) {
			return nil, fmt.Errorf("the key %q cannot be an environment variable: images read only keys of lower case letters and digits, "+
				`with single ".", "_" or "-" between them`, property.Key)
		}
		variables[environmentPrefix+strings.ToUpper(environmentName.Replace(property.Key))] = javaformat.EncodeValue(property.Value)
	}
	return variables, nil
}
