"""Many pictures: one recipe run over files, by this process, by workers beside it, or by other machines."""
