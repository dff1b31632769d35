"""fraudctl: what an operator types."""
import typer
app = typer.Typer()
