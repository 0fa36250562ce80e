// Package work is what the benchmark has done, in the same way for everybody who does it: N connectors that are created,
// changed and deleted.
package work

import (
	_ "embed"
	"fmt"
	"strconv"
)

// Configuration is the work as a Terraform configuration for this project's provider. Its variables are those of
// [Variables].
//
//go:embed main.tf
var Configuration string

// Parallelism is how many connectors Terraform works on at a time unless it is told otherwise.
const Parallelism = 10

// Variables say how far the work has got.
type Variables struct {
	URL      string `json:"url"`      // of the worker
	N        int    `json:"n"`        // number of connectors
	Revision int    `json:"revision"` // of their configuration
	Ahead    int    `json:"ahead"`    // number of connectors that have the next revision already
}

// Name is the name of a connector. Those of the raw requests are the same as Terraform's, which never exist at the same time.
func Name(i int) string { return fmt.Sprintf("bench-%d", i) }

// Config is the configuration of a connector: that of [Configuration], for those who do the work without Terraform.
func Config(i, revision int) map[string]string {
	return map[string]string{
		"connector.class":                "org.apache.kafka.connect.file.FileStreamSourceConnector",
		"tasks.max":                      "1",
		"file":                           fmt.Sprintf("/nonexistent/bench-%d.txt", i),
		"topic":                          Name(i),
		"batch.size":                     strconv.Itoa(revision),
		"key.converter":                  "org.apache.kafka.connect.json.JsonConverter",
		"key.converter.schemas.enable":   "false",
		"value.converter":                "org.apache.kafka.connect.json.JsonConverter",
		"value.converter.schemas.enable": "false",
		"transforms":                     "origin",
		"transforms.origin.type":         "org.apache.kafka.connect.transforms.InsertField$Value",
		"transforms.origin.static.field": "origin",
		"transforms.origin.static.value": Name(i),
	}
}
