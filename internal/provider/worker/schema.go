package worker

import (
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// Attributes that are named outside the schema.
const (
	attrAnnounceRevision = "announce_revision"
	attrBootstrapServers = "bootstrap_servers"
	attrConfig           = "config"
	attrConfigProviders  = "config_providers"
	attrConfigSensitive  = "config_sensitive"
	attrContent          = "content"
	attrContentSHA256    = "content_sha256"
	attrEnvironment      = "environment"
	attrFilePermission   = "file_permission"
	attrFileStatus       = "file_status"
	attrPassword         = "password"
	attrPasswordWO       = "password_wo"
	attrPath             = "path"
	attrProperties       = "properties"
	attrRevision         = "revision"
	attrSASL             = "sasl"
	attrSecurity         = "security"
	attrWorkers          = "workers"
)

// storedNote ends the descriptions of attributes whose values may be secret. The ephemeral resource drops it.
const storedNote = " A literal value is stored in the state."

// merge returns the attributes of all maps.
func merge(all ...map[string]schema.Attribute) map[string]schema.Attribute {
	merged := map[string]schema.Attribute{}
	for _, attributes := range all {
		maps.Copy(merged, attributes)
	}
	return merged
}

func distributedSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Configuration of a group of distributed workers, as the text of a properties file, as a map and as environment variables of a container. " +
			"With `path`, the text is also written to a file that a worker can start from. The resource does not start workers.",
		Attributes: merge(groupAttributes(), workerAttributes(), workersAttribute(renderedAttributes(), fileAttributes()),
			renderedAttributes(), fileAttributes(), resourceAttributes()),
	}
}

func standaloneSchema() schema.Schema {
	offsets := schema.StringAttribute{Required: true, MarkdownDescription: "File on the worker's machine in which the worker stores the offsets of its source connectors. " +
		"A standalone worker stores nothing else: it has no group and no internal topics."}
	return schema.Schema{
		MarkdownDescription: "Configuration of a standalone worker, as the text of a properties file, as a map and as environment variables of a container. " +
			"With `path`, the text is also written to a file that the worker can start from. The resource does not start the worker. " +
			"A standalone worker is a single process without a group and without internal topics.",
		Attributes: merge(workerAttributes(), map[string]schema.Attribute{"offset_storage_file_filename": offsets},
			renderedAttributes(), fileAttributes(), resourceAttributes()),
	}
}

// groupAttributes are the attributes of a group of distributed workers.
func groupAttributes() map[string]schema.Attribute {
	topic := func(content string) schema.Attribute {
		return schema.StringAttribute{Required: true, MarkdownDescription: "Topic that stores " + content + ". All workers of the group use the same topic, and no other group may use this topic."}
	}
	partitions := func(role, byDefault string) schema.Attribute {
		return schema.Int64Attribute{Optional: true, MarkdownDescription: "Number of partitions of the " + role + " storage topic. A worker uses this number only if it has to create the topic. " +
			"To change an existing topic, use `kafkaconnect_internal_topic`. Default " + byDefault + ", as in Kafka."}
	}
	replicas := func(role string) schema.Attribute {
		return schema.Int64Attribute{Optional: true, MarkdownDescription: "Replication factor of the " + role + " storage topic. A worker uses this factor only if it has to create the topic. " +
			"`-1` stands for the broker's default. Default 3, as in Kafka."}
	}
	return map[string]schema.Attribute{
		"group_id": schema.StringAttribute{Required: true, MarkdownDescription: "`group.id`, the name of the group of workers. " +
			"It must differ from every other group of workers and from every consumer group on the cluster."},
		"offset_storage_topic": topic("the offsets of source connectors"),
		"config_storage_topic": topic("the configurations of connectors, in one partition"),
		"status_storage_topic": topic("the states of connectors and tasks"),
		"exactly_once_source_support": schema.StringAttribute{Optional: true, MarkdownDescription: "`disabled`, `preparing` or `enabled`. Default `disabled`. " +
			"To enable it for a running group, first set `preparing` on all workers."},
		"environment_image": schema.StringAttribute{Optional: true, Validators: []validator.String{stringvalidator.OneOf(workerconfig.Images()...)},
			MarkdownDescription: "Container image that `environment` is for: `confluent`, for images such as `cp-kafka-connect`, or `debezium`, for `quay.io/debezium/connect`. If it is set, the plan warns of settings that `environment` leaves out, even with `path`. Default `confluent`."},
		attrAnnounceRevision: schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether the workers announce which file they run: with every answer of its REST API, a worker sends `content_sha256` of its file in the header `" + connectclient.RevisionHeader + "`. " +
			"The data source `kafkaconnect_cluster` shows the revision of each worker, and the action `kafkaconnect_await_workers` waits until all workers run it. " +
			"The setting `response.http.headers.config` is set for this, in addition to a value in `config`. Default `false`."},
		"internal_topic_creation": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether workers create missing storage topics (`internal.topics.automatic.creation.enable`). With `false`, a worker of Kafka 4.4 or later does not start while a storage topic is missing. " +
			"A connector with its own `offsets.storage.topic` fails while that topic is missing. Workers before Kafka 4.4 do not know the setting: they ignore it, without a warning in their log, and create the topics. " +
			"With `false`, a plan that creates or changes this resource fails if a storage topic does not exist and no `kafkaconnect_internal_topic` of this configuration manages it. " +
			"It cannot check names that are known only after apply, nor topics on brokers that do not answer or are not those of the provider's `kafka` attribute: " +
			"if such a topic is missing, the workers do not start. Default `true`, as in Kafka."},
		"offset_storage_partitions":         partitions("offset", "25"),
		"offset_storage_replication_factor": replicas("offset"),
		"config_storage_replication_factor": replicas("config"),
		"status_storage_partitions":         partitions("status", "5"),
		"status_storage_replication_factor": replicas("status"),
	}
}

// workerAttributes are the attributes that distributed and standalone workers share.
func workerAttributes() map[string]schema.Attribute {
	return merge(overrideAttributes(), map[string]schema.Attribute{
		"key_converter": schema.StringAttribute{Required: true, MarkdownDescription: "Class that converts record keys to bytes and back. " +
			"A connector can set its own."},
		"value_converter": schema.StringAttribute{Required: true, MarkdownDescription: "Class that converts record values to bytes and back. " +
			"A connector can set its own."},
		attrBootstrapServers: schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Brokers that the workers connect to first, as `host:port`. " +
			"Default: `bootstrap_servers` of the provider's `kafka` attribute. Required if the provider has none."},
		"cluster": schema.StringAttribute{Optional: true, MarkdownDescription: session.ClusterDescription + " The `bootstrap_servers` of its `kafka` attribute are the default of this resource. " +
			"With distributed workers, the plan compares the storage topics with those of that Kafka cluster."},
		"header_converter": schema.StringAttribute{Optional: true, MarkdownDescription: "Class that converts record headers to bytes and back. " +
			"Default `org.apache.kafka.connect.storage.SimpleHeaderConverter`, as in Kafka. A connector can set its own."},
		attrSecurity: schema.SingleNestedAttribute{Optional: true, Attributes: securityAttributes(), MarkdownDescription: "How the workers connect to the brokers. " +
			"The settings are rendered for the worker itself, and again for each of the `client_prefixes`, because connectors' producers and consumers do not inherit the worker's settings. " +
			"Security settings of clients in `config` are repeated in the same way: keys that begin with `sasl.`, `ssl.` or `security.`. " +
			"Without this attribute, connections are neither encrypted nor authenticated."},
		"client_prefixes": schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Clients of connectors that also get the settings in `security` and the security settings in `config`. " +
			"Possible values: `producer` (used by sources), `consumer` (used by sinks) and `admin` (creates topics). Default: all three. " +
			"A connector cannot use a secured cluster through a producer or consumer that is left out, unless the connector has its own security settings. Admin clients that are left out use the settings of the worker."},
		attrConfigProviders: schema.MapNestedAttribute{
			Optional: true, Validators: tfvalue.NoBlankKeys, NestedObject: schema.NestedAttributeObject{Attributes: configProviderAttributes()},
			MarkdownDescription: "Config providers by name. A worker resolves the placeholder `$${file:/run/secrets/kafka:password}` with the config provider `file`. " +
				"The names `file`, `directory` and `env` need no entry. A placeholder with any other name needs one.",
		},
		attrConfig: schema.MapAttribute{Optional: true, Validators: tfvalue.NoBlankKeys, ElementType: types.StringType, MarkdownDescription: "Other worker settings. " +
			"A key that another attribute sets already is an error. A key that is similar to a known key is a warning, because it may be misspelled. " +
			"A security setting of clients, such as `sasl.client.callback.handler.class`, is repeated for each of the `client_prefixes`, unless `config` also has the key with this prefix."},
		attrConfigSensitive: schema.MapAttribute{Optional: true, Validators: tfvalue.NoBlankKeys, Sensitive: true, ElementType: types.StringType, MarkdownDescription: "Like `config`, with no default, for secret values: " +
			"Terraform hides them in its output. A placeholder of a config provider is not secret and can be in `config`." + storedNote},
	})
}

// overrideAttributes are the attributes that can differ between the workers of a group.
func overrideAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"plugin_path": schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Folders and archives that contain plugins. " +
			"By default, workers find only the plugins on Kafka's class path."},
		"listeners": schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "URLs on which the REST API listens, with `http` or `https`. " +
			"Default `http://:8083`, as in Kafka."},
		"advertised_host_name": schema.StringAttribute{Optional: true, MarkdownDescription: "Host name that other workers use to reach this worker. " +
			"Default: the host of the first listener, otherwise the host name of the machine."},
		"advertised_port": schema.Int64Attribute{Optional: true, MarkdownDescription: "Port that other workers use to reach this worker. " +
			"Default: the port of the first listener."},
		"advertised_listener": schema.StringAttribute{Optional: true, MarkdownDescription: "Protocol that other workers use to reach this worker: `http` or `https`. " +
			"Default: the protocol of the first listener."},
		"client_rack": schema.StringAttribute{Optional: true, MarkdownDescription: "Rack or zone of the worker. The worker and its sink connectors prefer to read from replicas in the same rack, " +
			"if the brokers have a rack-aware `replica.selector.class`. By default, they read from partition leaders."},
	}
}

func configProviderAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"class": schema.StringAttribute{Optional: true, MarkdownDescription: "Java class of the config provider. Required unless the name is `file`, `directory` or `env`; " +
			"these default to Kafka's own classes."},
		"parameters": schema.MapAttribute{Optional: true, Validators: tfvalue.NoBlankKeys, ElementType: types.StringType, MarkdownDescription: "Parameters of the config provider, such as `allowed.paths`. Default: none."},
	}
}

func securityAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"protocol":     schema.StringAttribute{Required: true, MarkdownDescription: "`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`."},
		attrSASL:       schema.SingleNestedAttribute{Optional: true, Attributes: saslAttributes(), MarkdownDescription: "SASL authentication. Required with `SASL_PLAINTEXT` and `SASL_SSL`."},
		"ssl_protocol": schema.StringAttribute{Optional: true, MarkdownDescription: "TLS version, such as `TLSv1.2`. Default `TLSv1.3`, as in Kafka."},
		"ssl_enabled_protocols": schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "TLS versions that the client accepts. " +
			"Default: `ssl_protocol` if it is set, otherwise `TLSv1.2` and `TLSv1.3`, as in Kafka."},
		"ssl_endpoint_identification_algorithm": schema.StringAttribute{Optional: true, MarkdownDescription: "With `HTTPS`, the client checks that the broker's certificate matches the broker's host name. " +
			"An empty string disables the check. Default: `HTTPS` if `protocol` uses TLS."},
		"truststore": schema.SingleNestedAttribute{Optional: true, Attributes: trustStoreAttributes(), MarkdownDescription: "Certificates to verify the brokers with. Default: the CAs that Java trusts."},
		"keystore":   schema.SingleNestedAttribute{Optional: true, Attributes: keyStoreAttributes(), MarkdownDescription: "Certificate and key of the worker, for brokers that require a client certificate."},
	}
}

func saslAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"mechanism": schema.StringAttribute{Required: true, MarkdownDescription: "`PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`. With `jaas_config`, also `GSSAPI`, `OAUTHBEARER` or the mechanism of a plugin."},
		"username":  schema.StringAttribute{Optional: true, MarkdownDescription: "User name for `PLAIN` and `SCRAM`. Required unless `jaas_config` is set."},
		attrPassword: schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: "Password for `PLAIN` and `SCRAM`, or a placeholder such as `$${file:/run/secrets/kafka:password}`. Default: none. " +
			"The worker resolves the placeholder before it parses the JAAS configuration. " +
			"Therefore, each `\"` and `\\` of the password that the placeholder refers to must be escaped with a backslash." + storedNote},
		attrPasswordWO: schema.StringAttribute{Optional: true, Sensitive: true, WriteOnly: true, MarkdownDescription: "Password that is written only to the file at `path`, never to the state or the plan. Requires `path`. " +
			"With `password_wo`, `content` contains a comment instead of each secret, and `properties` and `environment` omit secrets. " +
			"The plan detects a changed password, and the apply rewrites the file. Needs Terraform 1.11 or OpenTofu 1.11."},
		"jaas_config": schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: "Value of `sasl.jaas.config`, instead of `username` and a password. " +
			"The function `jaas_config` returns such a value." + storedNote},
	}
}

// storeAttributes are the attributes that the trust store and the key store share. The attribute pem implies type PEM.
func storeAttributes(pem string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"type":     schema.StringAttribute{Optional: true, MarkdownDescription: "`JKS`, `PKCS12` or `PEM`. Default: `PEM` if `" + pem + "` is set, otherwise `JKS`, as in Kafka."},
		"location": schema.StringAttribute{Optional: true, MarkdownDescription: "Path of the store on the worker's machine. Default: none."},
		"password": schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: "Password of the store, or a placeholder that the worker resolves. Default: none. " +
			"Must not be set for type `PEM`." + storedNote},
	}
}

func trustStoreAttributes() map[string]schema.Attribute {
	return merge(storeAttributes("certificates"), map[string]schema.Attribute{
		"certificates": schema.StringAttribute{Optional: true, MarkdownDescription: "Certificates as PEM text, instead of `location`."},
	})
}

func keyStoreAttributes() map[string]schema.Attribute {
	return merge(storeAttributes("key"), map[string]schema.Attribute{
		"key_password":      schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: "Password of the key, if the key is encrypted. Default: none." + storedNote},
		"certificate_chain": schema.StringAttribute{Optional: true, MarkdownDescription: "Certificate and its chain as PEM text, instead of `location`. Required with `key`."},
		"key":               schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: "Private key as PEM text in PKCS #8 format, instead of `location`. Required with `certificate_chain`." + storedNote},
	})
}

// workersAttribute is the map of a group's workers, each with its overrides and its computed attributes.
func workersAttribute(computed ...map[string]schema.Attribute) map[string]schema.Attribute {
	return map[string]schema.Attribute{attrWorkers: schema.MapNestedAttribute{
		Optional: true, Validators: tfvalue.NoBlankKeys, NestedObject: schema.NestedAttributeObject{Attributes: merge(append(computed, overrideAttributes())...)},
		MarkdownDescription: "Workers of the group by name, each with the settings that differ from the shared ones. " +
			"With this attribute, the configuration is rendered for each worker, and the attributes of the rendered configuration outside of `workers` are null. " +
			"Default: all workers have the same configuration.",
	}}
}

// renderedAttributes are the computed attributes of one worker. Most contain the literal secrets of the configuration.
func renderedAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		attrContent:    schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "Text of the worker's properties file."},
		attrProperties: schema.MapAttribute{Computed: true, Sensitive: true, ElementType: types.StringType, MarkdownDescription: "Worker settings by key."},
		attrEnvironment: schema.MapAttribute{Computed: true, Sensitive: true, ElementType: types.StringType, MarkdownDescription: "The same settings as environment variables " +
			"for a container image; see the function `worker_environment`. A setting that no variable can express is left out. " +
			"If `path` is not set, a warning names it. Null if the variables have 2 MiB or more, because Linux starts no process with them."},
		attrContentSHA256: schema.StringAttribute{Computed: true, MarkdownDescription: "SHA-256 of the settings without their secrets, in hexadecimal digits. " +
			"It does not change when only a secret or `announce_revision` changes; `revision` of the resource does."},
	}
}

// fileAttributes are the attributes of the file of one worker.
func fileAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		attrPath: schema.StringAttribute{
			Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			MarkdownDescription: "Path of the file to write, with the properties and their secrets. The folder must exist. The file is replaced atomically. " +
				"If `path` is a symbolic link, its target is replaced. A replaced file keeps its owner and group; a new file belongs to the user who runs Terraform. " +
				"If a file that Terraform did not write exists at `path` with different content, the apply fails. " +
				"No other worker may have the same file, whatever the spelling of its path. Default: no file is written.",
		},
		attrFileStatus: schema.StringAttribute{Computed: true, MarkdownDescription: "`written` if the file at `path` is unchanged since Terraform wrote it. " +
			"Otherwise the plan shows `changed` or `missing`, and the apply writes the file again. Content and permission are compared, but not owner and group. " +
			"`changed` also stands for a file that cannot be read, and for something other than a regular file, which the apply refuses to replace. Null without `path`."},
	}
}

// resourceAttributes are the attributes of the resources that the workers of a group share.
func resourceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		attrFilePermission: schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^0?[0-7]{3}$`), "must be an octal number such as 0640")},
			MarkdownDescription: "Permission of the file as an octal number. Default `0600`: only the owner can read and write it. " +
				"On Windows, it has no effect: the file has the permissions of its folder.",
		},
		attrRevision: schema.Int64Attribute{Computed: true, MarkdownDescription: "Number that is incremented when the rendered settings change, including secrets. " +
			"It does not change if only the file is missing or was changed. Use this number to trigger a restart of the workers."},
	}
}
