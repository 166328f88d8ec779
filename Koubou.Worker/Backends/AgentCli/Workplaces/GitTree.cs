namespace Koubou.Worker.Backends.AgentCli.Workplaces;

/// <summary>A working folder whose git data lie outside of it, where the agent's sandbox does not let it write.</summary>
/// <param name="GitFolder">The git data.</param>
/// <param name="Top">The top of the working tree.</param>
/// <param name="Base">What the agent began with: a commit or a tree.</param>
internal sealed record GitTree(string GitFolder, string Top, string Base);
