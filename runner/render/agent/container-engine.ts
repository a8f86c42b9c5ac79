/** Command lines that run containers and take the same options. */
export type ContainerEngine = "docker" | "podman";
