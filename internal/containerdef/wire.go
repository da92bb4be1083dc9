package containerdef

// definition is a container definition on the wire. Fields that hold an Output are typed any: JSONMarshal resolves those.
type definition struct {
	Name                   string           `json:"name"`
	Image                  any              `json:"image"`
	Command                []any            `json:"command"`
	DependsOn              []dependsOn      `json:"dependsOn,omitempty"`
	EntryPoint             []string         `json:"entryPoint"`
	Environment            []variable       `json:"environment"`
	Essential              bool             `json:"essential"`
	HealthCheck            *healthCheck     `json:"healthCheck,omitempty"`
	LinuxParameters        linuxParameters  `json:"linuxParameters"`
	LogConfiguration       logConfiguration `json:"logConfiguration"`
	MountPoints            []mountPoint     `json:"mountPoints"`
	PortMappings           []portMapping    `json:"portMappings"`
	ReadonlyRootFilesystem bool             `json:"readonlyRootFilesystem"`
	Secrets                []secret         `json:"secrets,omitempty"`
	StopTimeout            int              `json:"stopTimeout"`
	SystemControls         []string         `json:"systemControls"`
	User                   string           `json:"user"`
	VolumesFrom            []string         `json:"volumesFrom"`
}

type dependsOn struct {
	ContainerName string    `json:"containerName"`
	Condition     Condition `json:"condition"`
}

type variable struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

type healthCheck struct {
	Command     []string `json:"command"`
	Interval    int      `json:"interval"`
	Retries     int      `json:"retries"`
	StartPeriod int      `json:"startPeriod,omitempty"`
	Timeout     int      `json:"timeout"`
}

type linuxParameters struct {
	Capabilities       capabilities `json:"capabilities"`
	InitProcessEnabled bool         `json:"initProcessEnabled"`
}

type capabilities struct {
	Add  []string `json:"add"`
	Drop []string `json:"drop"`
}

type logConfiguration struct {
	LogDriver string         `json:"logDriver"`
	Options   map[string]any `json:"options"`
}

type mountPoint struct {
	ContainerPath string `json:"containerPath"`
	ReadOnly      bool   `json:"readOnly"`
	SourceVolume  string `json:"sourceVolume"`
}

type portMapping struct {
	ContainerPort int    `json:"containerPort"`
	HostPort      int    `json:"hostPort"`
	Protocol      string `json:"protocol"`
}

type secret struct {
	Name      string `json:"name"`
	ValueFrom any    `json:"valueFrom"`
}
