using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Koubou.Contracts;
using Koubou.Gateway.Tests.Mcp;
using Koubou.Gateway.Tests.Workshop;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Koubou.Gateway.Tests.Rest;

public sealed class ArtifactTests(WorkshopFixture workshop)
{
    private static readonly byte[] Patch = Encoding.UTF8.GetBytes("--- 工房\n+++ b\n");

    [Fact]
    public async Task Get_WholeRangeAndUnchanged_AreWhatWasAskedFor()
    {
        var path = await LeaveAsync("changes.patch", "text/x-diff", Patch);

        using var whole = await workshop.Http.GetAsync(path);
        using var middle = await GetAsync(path, request => request.Headers.Range = new RangeHeaderValue(4, 9));
        using var last = await GetAsync(path, request => request.Headers.Range = new RangeHeaderValue(null, 3));
        using var beyond = await GetAsync(path, request => request.Headers.Range = new RangeHeaderValue(1_000, null));
        using var known = await GetAsync(path, request => request.Headers.IfNoneMatch.Add(whole.Headers.ETag!));

        Assert.Equal(Patch, await whole.Content.ReadAsByteArrayAsync());
        Assert.Equal("attachment", whole.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal(HttpStatusCode.PartialContent, middle.StatusCode);
        Assert.Equal(Patch[4..10], await middle.Content.ReadAsByteArrayAsync());
        Assert.Equal($"bytes 4-9/{Patch.Length}", middle.Content.Headers.ContentRange!.ToString());
        Assert.Equal(Patch[^3..], await last.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
    }

    [Fact]
    public async Task Get_WhatIsNotThere_NamesWhatIs()
    {
        var path = await LeaveAsync("changes.patch", "text/x-diff", Patch);

        var answer = await workshop.Http.ReadAsync(path.Replace("changes.patch", "other.txt", StringComparison.Ordinal));
        var nobody = await workshop.Http.ReadAsync("/api/v1/tasks/nothing/artifacts/a.txt");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (answer.Status, nobody.Status));
        Assert.Contains("only changes.patch", answer["detail"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadResource_TextAndBytes_ComeAsSuch()
    {
        var text = Resource(await LeaveAsync("changes.patch", "text/x-diff", Patch));
        var bytes = Resource(await LeaveAsync("picture.png", "image/png", [0x89, 0x50, 0x00, 0xFF]));
        var large = Resource(await LeaveAsync("large.txt", "text/plain", new byte[(1024 * 1024) + 1]));
        await using var client = await workshop.Gateway.ConnectAsync();

        var read = Assert.IsType<TextResourceContents>((await client.ReadResourceAsync(text)).Contents.Single());
        var blob = Assert.IsType<BlobResourceContents>((await client.ReadResourceAsync(bytes)).Contents.Single());
        var refused = await Assert.ThrowsAnyAsync<McpException>(() => client.ReadResourceAsync(large).AsTask());

        Assert.Equal((Encoding.UTF8.GetString(Patch), "text/x-diff"), (read.Text, read.MimeType));
        Assert.Equal("image/png", blob.MimeType);
        Assert.Equal([0x89, 0x50, 0x00, 0xFF], blob.DecodedData.ToArray());
        Assert.Contains("/artifacts/large.txt", refused.Message, StringComparison.Ordinal);
    }

    private static string Resource(string path) =>
        "koubou:/" + path["/api/v1".Length..];

    private async Task<HttpResponseMessage> GetAsync(string path, Action<HttpRequestMessage> change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        change(request);
        return await workshop.Http.SendAsync(request);
    }

    private async Task<string> LeaveAsync(string name, string mediaType, byte[] content)
    {
        var type = workshop.NewType();
        await using var node = await workshop.JoinAsync(type);
        var id = await workshop.Http.DelegateAsync(type);
        var work = await node.TakeAsync();
        await node.CompleteAsync(work, "done", artifacts: [await node.PutAsync(name, mediaType, content)]);
        await workshop.HappenedAsync(id, EventKind.Succeeded);
        return $"/api/v1/tasks/{id}/artifacts/{name}";
    }
}
