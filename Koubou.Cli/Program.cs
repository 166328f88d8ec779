using System.CommandLine;
using Koubou.Cli.Mcp;

var root = new RootCommand("Koubou: a workshop of language models behind a durable queue.")
{
    McpCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
