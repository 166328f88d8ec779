using System.Security.Cryptography;
using Koubou.Gateway.Errors;

namespace Koubou.Gateway.GraphQL.Ide;

/// <summary>The files of GraphiQL, which the build embeds where it had npm.</summary>
internal static class IdeFiles
{
    private const string Script = "graphiql.js";
    private const string Style = "graphiql.css";

    private static readonly Dictionary<string, byte[]> Contents = new[] { Script, Style }
        .Select(name => (Name: name, Bytes: Read(name)))
        .Where(file => file.Bytes is not null)
        .ToDictionary(file => file.Name, file => file.Bytes!);

    public static bool HasGraphiQl => Contents.Count > 0;

    /// <summary>Changes with the files, so that browsers may keep them for ever under it.</summary>
    public static string Version { get; } = HasGraphiQl
        ? Convert.ToHexStringLower(SHA256.HashData([.. Contents.Values.SelectMany(bytes => bytes)]))[..16]
        : "";

    /// <summary>A page of this folder.</summary>
    public static string Text(string name) => System.Text.Encoding.UTF8.GetString(Read(name)!);

    public static Task WriteAsync(string name, HttpContext context)
    {
        if (!Contents.TryGetValue(name, out var bytes))
        {
            return Problems.OfStatus(StatusCodes.Status404NotFound, "GraphiQL has no such file.", BareStatus.Paths).WriteAsync(context);
        }

        context.Response.ContentType = name == Script ? "text/javascript; charset=utf-8" : "text/css; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    private static byte[]? Read(string name)
    {
        using var stream = typeof(IdeFiles).Assembly.GetManifestResourceStream(name);
        if (stream is null)
        {
            return null;
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
