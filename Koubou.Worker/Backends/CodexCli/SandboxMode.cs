namespace Koubou.Worker.Backends.CodexCli;

/// <summary>What the commands that Codex runs may do.</summary>
internal enum SandboxMode
{
    /// <summary>Read everything, write nothing, no network.</summary>
    ReadOnly,

    /// <summary>Also write in the working folder and in a folder for temporary files.</summary>
    WorkspaceWrite,

    /// <summary>All that the worker itself may.</summary>
    DangerFullAccess,
}
