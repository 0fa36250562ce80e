package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

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
