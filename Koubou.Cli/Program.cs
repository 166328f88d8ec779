using System.CommandLine;
using Koubou.Cli.Keys;
using Koubou.Cli.Mcp;

var root = new RootCommand("Koubou: a workshop of language models behind a durable queue.")
{
    KeysCommand.Create(),
    McpCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
