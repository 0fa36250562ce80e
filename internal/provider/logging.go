package provider

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

// SpareLog keeps a process that serves the provider from writing a log that Terraform drops line by line, because none
// was asked for: the SDK otherwise writes all that it has, which takes half of the time of a plan, in the provider and in
// Terraform. Levels that the environment sets for parts of the log stay.
func SpareLog() error {
	if os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != "" {
		return nil
	}
	for _, part := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_KAFKACONNECT"} {
		if _, set := os.LookupEnv(part); set {
			continue
		}
		if err := os.Setenv(part, "OFF"); err != nil {
			return err
		}
	}
	return nil
}

// logRequest logs one request to a worker: names and numbers, never headers or bodies.
func logRequest(ctx context.Context, req connectclient.Request) {
	fields := map[string]any{
		"method":       req.Method,
		"path":         req.Path,
		"status":       req.Status,
		"milliseconds": req.Duration.Milliseconds(),
		"attempt":      req.Attempt,
	}
	if req.Err != nil {
		fields["error"] = req.Err.Error()
	}
	tflog.Debug(ctx, "Kafka Connect request", fields)
}
