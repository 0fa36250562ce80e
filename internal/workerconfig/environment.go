package workerconfig

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// environmentPrefix is that of the variables from which images make a worker's
// file.
const environmentPrefix = "CONNECT_"

// environmentKey is the form of keys that the images find again: two of ".", "_"
// and "-" in a row cannot be told apart, and the case is lost.
var environmentKey = regexp.MustCompile(`^[a-z0-9]+([._-][a-z0-9]+)*$`)

var environmentName = strings.NewReplacer(".", "_", "_", "__", "-", "___")

// Environment returns the variables from which a container image such as
// Confluent's cp-kafka-connect makes this configuration: CONNECT_ and the key in
// upper case, with "_" for ".", "__" for "_" and "___" for "-".
//
// That is how env_to_props of confluent-docker-utils (dub.py) reads them, whatever
// some pages say about "_" and "-". Its template (kafka-connect.properties.template
// of kafka-images) copies values into a properties file as they are, so they are
// given as they must stand there, backslashes doubled and all beyond ASCII escaped.
//
// A key that cannot be expressed so, such as one with an upper case letter, is an
// error that names it.
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
