// Package work defines the connectors that the benchmark creates, changes and deletes. They are the same for Terraform and for
// plain HTTP requests.
package work

import (
	_ "embed"
	"fmt"
	"strconv"
)

// Configuration declares the connectors for this project's provider. Its variables are [Variables].
//
//go:embed main.tf
var Configuration string

// Parallelism is Terraform's default: how many connectors it works on at a time.
const Parallelism = 10

// Variables are the variables of [Configuration].
type Variables struct {
	URL      string `json:"url"`      // of the worker
	N        int    `json:"n"`        // number of connectors
	Revision int    `json:"revision"` // of their configuration
	Ahead    int    `json:"ahead"`    // how many connectors, from the first, have the next revision
}

// Name returns the name of a connector.
func Name(i int) string { return fmt.Sprintf("bench-%d", i) }

// Config returns the configuration of a connector, the same as in [Configuration].
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
