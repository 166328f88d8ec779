using System.ComponentModel;
using System.Text;
using System.Text.Json;
using Koubou.Contracts;
using Koubou.Gateway.Artifacts;
using Koubou.Gateway.Mcp.Replies;
using Koubou.Gateway.Mcp.Unread;
using Koubou.Gateway.Rest;
using Koubou.Gateway.Rest.Native;
using Koubou.ServiceDefaults.Keys;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp.Resources;

/// <summary>What clients read by address, for example by <c>@koubou:koubou://tasks/…/output</c> in Claude Code.</summary>
[McpServerResourceType]
internal sealed class WorkshopResources(
    TaskLookup lookup, ArtifactReader artifacts, WorkshopReader workshop, McpCaller callers, UnreadResults unread)
{
    private const string Json = "application/json";
    private const string PlainText = "text/plain";
    private const long ArtifactBytesMax = 1024 * 1024;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    [McpServerResource(UriTemplate = TaskUris.Status, Name = "status", Title = "Workshop status", MimeType = Json)]
    [Description("Worker nodes, models, task types, length of the queue, and warnings with the command that mends each.")]
    public async Task<TextResourceContents> StatusAsync(McpServer server, CancellationToken cancellationToken)
    {
        callers.Demand(server.ClientInfo, KeyScopes.Read);
        var reply = await workshop.ReadAsync(cancellationToken);
        return Contents(TaskUris.Status, Json, JsonSerializer.Serialize(reply, ReplyJson.Relaxed.WorkshopReply));
    }

    [McpServerResource(UriTemplate = TaskUris.TaskTemplate, Name = "task", Title = "Task", MimeType = Json)]
    [Description("A task and its history: prompt, state, attempts, who ran each, times, tokens, error. Without its output.")]
    public async Task<TextResourceContents> TaskAsync(McpServer server, string id, CancellationToken cancellationToken)
    {
        var record = await FindAsync(server, id, includeOutput: false, cancellationToken);
        var view = TaskView.Of(record, includeOutput: false);
        return Contents(TaskUris.Task(id), Json, JsonSerializer.Serialize(view, RestJson.Relaxed.TaskView));
    }

    [McpServerResource(UriTemplate = TaskUris.OutputTemplate, Name = "output", Title = "Output", MimeType = PlainText)]
    [Description("The whole answer of a task that succeeded.")]
    public async Task<TextResourceContents> OutputAsync(McpServer server, string id, CancellationToken cancellationToken)
    {
        var record = await FindAsync(server, id, includeOutput: true, cancellationToken);
        if (record.State != TaskState.Succeeded)
        {
            throw ResourceProblems.NotFound(server, NoOutput(record));
        }

        unread.Read(callers.Of(server).Client, [id]);
        return Contents(TaskUris.Output(id), PlainText, record.Output);
    }

    [McpServerResource(
        UriTemplate = TaskUris.ArtifactTemplate, Name = "artifact", Title = "Artifact")]
    [Description("A file that a task left, such as a patch: at most 1 MiB, as text where it is text.")]
    public async Task<ResourceContents> ArtifactAsync(
        McpServer server, string id, string name, CancellationToken cancellationToken)
    {
        var record = await FindAsync(server, id, includeOutput: false, cancellationToken);
        var artifact = record.Artifacts.FirstOrDefault(candidate => candidate.Name == name)
            ?? throw ResourceProblems.NotFound(server, NoArtifact(record, name));
        if (artifact.SizeBytes > ArtifactBytesMax)
        {
            throw ResourceProblems.NotFound(
                server,
                $"The file '{name}' has {artifact.SizeBytes:N0} bytes, more than a conversation should hold "
                + $"({ArtifactBytesMax:N0}). Download it from /api/v1/tasks/{id}/artifacts/{name} at the gateway.");
        }

        var content = await artifacts.ReadWholeAsync(id, artifact, cancellationToken);
        var uri = $"{TaskUris.Task(id)}/artifacts/{name}";
        return TryReadText(content) is { } text
            ? Contents(uri, artifact.MediaType, text)
            : BlobResourceContents.FromBytes(content, uri, artifact.MediaType);
    }

    private static string? TryReadText(byte[] content)
    {
        try
        {
            return content.Contains((byte)0) ? null : StrictUtf8.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static TextResourceContents Contents(string uri, string mimeType, string text) =>
        new() { Uri = uri, MimeType = mimeType, Text = text };

    private static string NoOutput(TaskRecord record) => record.State.IsFinal()
        ? $"Task '{record.Id}' is {record.State.ToWord()} and has no output. Read {TaskUris.Task(record.Id)} for the reason."
        : $"Task '{record.Id}' is {record.State.ToWord()}. Subscribe to this resource, or call wait with its id.";

    private static string NoArtifact(TaskRecord record, string name) => record.Artifacts.Count == 0
        ? $"Task '{record.Id}' left no files."
        : $"Task '{record.Id}' left no file '{name}', only {string.Join(", ", record.Artifacts.Select(known => known.Name))}.";

    private async Task<TaskRecord> FindAsync(
        McpServer server, string id, bool includeOutput, CancellationToken cancellationToken)
    {
        callers.Demand(server.ClientInfo, KeyScopes.Read);
        return await lookup.GetAsync(id, includeOutput, cancellationToken)
            ?? throw ResourceProblems.NotFound(server, McpProblems.UnknownTask(id).Detail);
    }
}
