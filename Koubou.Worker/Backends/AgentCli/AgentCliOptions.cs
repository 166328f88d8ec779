using Koubou.Contracts;

namespace Koubou.Worker.Backends.AgentCli;

/// <summary>How the prompt goes into a program.</summary>
public enum PromptWay
{
    /// <summary>By standard input, which is then closed.</summary>
    Stdin,

    /// <summary>In the place of <c>{prompt}</c> among the arguments.</summary>
    Argument,

    /// <summary>In a file, whose path stands in the place of <c>{prompt_file}</c>.</summary>
    File,
}

/// <summary>How the answer comes out of a program.</summary>
public enum AnswerWay
{
    /// <summary>All of standard output.</summary>
    Text,

    /// <summary>JSON lines; the texts at the answer's path, one after the other.</summary>
    JsonLines,

    /// <summary>JSON lines; the last text at the answer's path.</summary>
    LastMessage,
}

/// <summary>One agent by configuration. Section <c>Koubou:Worker:Agents:Clis:{name}</c>.</summary>
public sealed class AgentCliOptions
{
    /// <summary>The program: a name or a path.</summary>
    public string Command { get; set; } = "";

    /// <summary>
    /// Its arguments. <c>{prompt}</c>, <c>{prompt_file}</c>, <c>{model}</c>, <c>{schema_file}</c> and <c>{folder}</c> are
    /// filled in; an argument whose value is empty for this task is left out, together with the option before it.
    /// </summary>
    public IList<string> Arguments { get; } = [];

    /// <summary>How the prompt goes in. Default: <c>Stdin</c>.</summary>
    public PromptWay Prompt { get; set; }

    /// <summary>How the answer comes out. Default: <c>Text</c>.</summary>
    public AnswerWay Answer { get; set; }

    /// <summary>
    /// Where in a line the answer is, such as <c>result</c> or <c>message.content[].text</c>; a condition may stand
    /// before it: <c>type=result: result</c>.
    /// </summary>
    public string AnswerPath { get; set; } = "";

    /// <summary>Where progress is told, in the same form. Default: nowhere.</summary>
    public string ProgressPath { get; set; } = "";

    /// <summary>Where a failure is told, in the same form. Default: the exit code alone tells.</summary>
    public string ErrorPath { get; set; } = "";

    /// <summary>Where the tokens read are counted, in the same form. Default: nowhere.</summary>
    public string PromptTokensPath { get; set; } = "";

    /// <summary>Where the tokens written are counted, in the same form. Default: nowhere.</summary>
    public string CompletionTokensPath { get; set; } = "";

    /// <summary>Where it computes, for the data policy. Default: <c>Cloud</c>, so that nothing leaves by mistake.</summary>
    public Zone Zone { get; set; } = Zone.Cloud;

    /// <summary>
    /// Whether it may reach a network, this machine's own included. False needs Linux with namespaces. Default: true.
    /// </summary>
    public bool Network { get; set; } = true;

    /// <summary>The model for tasks that name none. Default: none.</summary>
    public string Model { get; set; } = "";

    /// <summary>Whether it changes files, which then come back as a patch. Default: true.</summary>
    public bool Writes { get; set; } = true;

    /// <summary>The longest run, whatever the task allows. Default: 30 minutes.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Variables of the worker's environment that it may see. <c>HOME</c> gives it the user's own home.</summary>
    public IList<string> PassEnvironment { get; } = [];
}
