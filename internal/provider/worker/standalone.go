package worker

// standaloneAttributes are what a stand-alone worker is declared by.
func standaloneAttributes() map[string]attribute {
	return join(workerAttributes(), map[string]attribute{
		"offset_storage_file_filename": {required: true, description: "File on the worker's machine in which it keeps how far source connectors have read: the only memory of a stand-alone worker, which has no " +
			"group and no internal topics."},
	})
}
