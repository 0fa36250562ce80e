package function

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// NewWorkerEnvironment returns the function worker_environment.
func NewWorkerEnvironment() function.Function { return workerEnvironment{} }

type workerEnvironment struct{}

func (workerEnvironment) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "worker_environment"
}

func (workerEnvironment) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Render worker settings as CONNECT_ environment variables",
		MarkdownDescription: "Returns the environment variables that configure a worker in container images such as Confluent's `cp-kafka-connect`. " +
			"A name is `CONNECT_` and the key in upper case, with `.` replaced by `_`, `_` by `__` and `-` by `___`. " +
			"The images copy values into a properties file unchanged, so backslashes are doubled and non-ASCII characters are escaped. " +
			"A key that cannot be a variable name, such as one with an upper case letter, is an error.",
		Parameters: []function.Parameter{function.MapParameter{
			Name: "properties", ElementType: types.StringType, MarkdownDescription: "Values by key. Values must not be null.",
		}},
		Return: function.MapReturn{ElementType: types.StringType},
	}
}

func (workerEnvironment) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var properties types.Map
	if resp.Error = req.Arguments.Get(ctx, &properties); resp.Error != nil {
		return
	}
	values, invalid := argumentMap(0, properties)
	if invalid != nil {
		resp.Error = invalid
		return
	}
	variables, err := workerconfig.Environment(workerconfig.Sorted(values))
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, variables)
}
