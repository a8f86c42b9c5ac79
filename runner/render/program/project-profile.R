# R's profile where the program belongs to a project: project-profile.ts names the project's own profile, and this file
# reads it in the project's directory.
source(Sys.getenv("REPLOT_PROJECT_PROFILE"), chdir = TRUE)
