package commands

import "flag"

// Declare declares the flags by which a tool beside the sandbox's own commands is told the stack that it works on.
func (s *Session) Declare(flags *flag.FlagSet) {
	flags.StringVar(&s.Repo, "repo", "..", "the repository's root")
	flags.StringVar(&s.Name, "instance", DefaultInstance, "the sandbox's name")
	flags.StringVar(&s.Stack, "stack", "", "the stack (default: the sandbox's only one, or dev)")
}

// Complete fills in what the person left out: the folder of tools and images, and the stack.
func (s *Session) Complete() (err error) {
	if s.Cache, err = DefaultCache(); err != nil || s.Stack != "" {
		return err
	}
	return s.ChooseStack()
}
