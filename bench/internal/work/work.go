// Package work defines the connectors that the benchmark creates, changes and deletes. They are the same for Terraform and for
// plain HTTP requests.
package work

import (
	_ "embed"
	"fmt"
	"strconv"
)

// Configuration declares the connectors for this project's provider.
//
//go:embed main.tf
var Configuration string

// TerraformAlone declares objects that need no provider instead.
//
//go:embed terraform.tf
var TerraformAlone string

// Variables declares the variables of all configurations. They are the fields of [Work].
//
//go:embed variables.tf
var Variables string

// Parallelism is Terraform's default: how many connectors it works on at a time.
const Parallelism = 10

// States of the connectors.
const (
	Running = "RUNNING"
	Stopped = "STOPPED"
)

// Work is what the connectors should be.
type Work struct {
	URL      string `json:"url"`      // of the worker
	N        int    `json:"n"`        // number of connectors
	Revision int    `json:"revision"` // of their configuration
	File     string `json:"file"`     // existing file that the connectors read
	State    string `json:"state"`    // Running or Stopped
}

// Name returns the name of a connector.
func Name(i int) string { return fmt.Sprintf("bench-%d", i) }

// Changed is the configuration key that has the revision.
const Changed = "batch.size"

// Config returns the configuration of a connector, the same as in [Configuration].
func (w Work) Config(i int) map[string]string {
	return map[string]string{
		"connector.class":                "org.apache.kafka.connect.file.FileStreamSourceConnector",
		"tasks.max":                      "1",
		"file":                           w.File,
		"topic":                          Name(i),
		Changed:                          strconv.Itoa(w.Revision),
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
