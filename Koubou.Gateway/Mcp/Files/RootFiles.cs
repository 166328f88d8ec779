using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Koubou.Gateway.Mcp.Files;

/// <summary>Reads the files that a task names, for the prompt: only under the client's roots, only text, only so much.</summary>
internal sealed class RootFiles(IHttpContextAccessor accessor, IOptions<McpOptions> options)
{
    private const int FilesMax = 100;

    private readonly McpOptions _options = options.Value;

    /// <summary>The files as text to follow the prompt, and every fault found.</summary>
    public async Task<(string Text, IReadOnlyList<string> Faults)> ReadAsync(
        RequestContext<CallToolRequestParams> request, JsonNode named, CancellationToken cancellationToken)
    {
        if (Paths(named) is not { } paths)
        {
            return ("", [$"must be a list of 1 to {FilesMax} paths"]);
        }

        if (WhyNot(request.Server) is { } why)
        {
            return ("", [why]);
        }

        var roots = ClientRoots.Read(request);
        var text = new StringBuilder();
        var faults = new List<string>();
        var bytesLeft = _options.FilesBytesMax;
        foreach (var path in paths)
        {
            var file = RootPath.Find(roots, path);
            var content = file.Fault is null ? await ReadTextAsync(file.Path!, cancellationToken) : default;
            if ((file.Fault ?? content.Fault) is { } fault)
            {
                faults.Add($"\"{path}\" {fault}");
                continue;
            }

            bytesLeft -= content.Bytes;
            text.Append(CultureInfo.InvariantCulture, $"\n\n<file path=\"{path}\">\n{content.Text}\n</file>");
        }

        if (bytesLeft < 0)
        {
            faults.Add($"are together larger than {_options.FilesBytesMax:N0} bytes; name fewer, or split the task");
        }

        return (text.ToString(), faults);
    }

    // A path names a file only on the machine that knows it.
    private string? WhyNot(McpServer server)
    {
        var address = accessor.HttpContext?.Connection.RemoteIpAddress;
        return address is not null && !System.Net.IPAddress.IsLoopback(address)
            ? "are read only for a client on the gateway's own machine; put their text into the prompt instead"
            : ClientRoots.AreOffered(server)
                ? null
                : "need a client that offers roots, which yours does not; put their text into the prompt instead";
    }

    private static List<string>? Paths(JsonNode named)
    {
        if (named is not JsonArray { Count: > 0 and <= FilesMax } list)
        {
            return null;
        }

        var paths = list
            .Select(item => item is JsonValue value && value.TryGetValue<string>(out var path) ? path : "")
            .ToList();
        return paths.TrueForAll(path => path.Length > 0) ? paths : null;
    }

    private async Task<(string? Text, int Bytes, string? Fault)> ReadTextAsync(
        string path, CancellationToken cancellationToken)
    {
        try
        {
            // The size is bounded by what is read, not by what the file says of itself: it may grow, or be a device.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[_options.FileBytesMax + 1];
            var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            if (length > _options.FileBytesMax)
            {
                return (null, 0, $"is larger than {_options.FileBytesMax:N0} bytes");
            }

            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
            return text.Contains('\0', StringComparison.Ordinal) ? (null, 0, "is not text") : (text, length, null);
        }
        catch (DecoderFallbackException)
        {
            return (null, 0, "is not text in UTF-8");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, 0, "cannot be read by the workshop");
        }
    }
}
