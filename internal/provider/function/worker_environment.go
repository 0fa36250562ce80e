package function

import (
	"context"
	"slices"
	"strings"

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
		MarkdownDescription: "Returns the environment variables that configure a worker in a container image. " +
			"The images copy values into a properties file unchanged, so backslashes are doubled and non-ASCII characters are escaped. " +
			"A key that cannot be a variable name, such as one with an upper case letter, is an error. So is a value of 128 KiB or more.\n\n" +
			"`confluent` (default) is for images such as Confluent's `cp-kafka-connect`: " +
			"a name is `CONNECT_` and the key in upper case, with `.` replaced by `_`, `_` by `__` and `-` by `___`.\n\n" +
			"`debezium` is for `quay.io/debezium/connect`: a name is `CONNECT_` and the key in upper case, with `.` replaced by `_`; the keys cannot contain `_` or `-`. " +
			"The image overwrites some keys with other variables, such as `GROUP_ID` and `BOOTSTRAP_SERVERS`; the function returns these variables instead. " +
			"Without `rest.advertised.port`, `ADVERTISED_PORT` is the port of the first listener, because the image sets 8083 otherwise.",
		Parameters: []function.Parameter{function.MapParameter{
			Name: "properties", ElementType: types.StringType, MarkdownDescription: "Values by key. Values must not be null.",
		}},
		VariadicParameter: function.StringParameter{Name: "image", MarkdownDescription: "Container image: `confluent` (default) or `debezium`. At most one."},
		Return:            function.MapReturn{ElementType: types.StringType},
	}
}

func (workerEnvironment) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var properties types.Map
	var images []string
	if resp.Error = req.Arguments.Get(ctx, &properties, &images); resp.Error != nil {
		return
	}
	image := workerconfig.ImageConfluent
	switch {
	case len(images) > 1:
		resp.Error = function.NewArgumentFuncError(2, "the function takes at most one image: remove the others")
		return
	case len(images) == 1 && !slices.Contains(workerconfig.Images(), images[0]):
		resp.Error = function.NewArgumentFuncError(1, "the image must be "+strings.Join(workerconfig.Images(), " or "))
		return
	case len(images) == 1:
		image = workerconfig.Image(images[0])
	}
	values, invalid := argumentMap(0, properties)
	if invalid != nil {
		resp.Error = invalid
		return
	}
	variables, err := image.Environment(workerconfig.Sorted(values))
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, strings.ReplaceAll(err.Error(), "\n", "; "))
		return
	}
	resp.Error = resp.Result.Set(ctx, variables)
}
