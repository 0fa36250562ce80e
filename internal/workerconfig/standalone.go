package workerconfig

// Standalone is the configuration of a stand-alone worker: a single process without
// group and internal topics.
type Standalone struct {
	Worker
	// OffsetStorageFile is the file in which the worker stores source offsets. Required.
	OffsetStorageFile string
}

// Properties returns the configuration of the worker. If a problem is an error, the
// properties are as complete as possible but must not be used.
func (s Standalone) Properties() (Properties, Problems) {
	r := newRenderer(ModeStandalone)
	s.renderConnection(r)
	r.text("offset.storage.file.filename", s.OffsetStorageFile, "offset_storage_file_filename")
	s.renderConverters(r)
	s.Place.render(r)
	s.renderRest(r)
	return r.properties, r.problems
}
