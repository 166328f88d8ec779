using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.OpenApi;

public sealed partial class DocumentTests(WorkshopFixture workshop)
{
    [Fact]
    public async Task Document_DescribesEveryEndpointWithSummaryAndAnswers()
    {
        var answer = await workshop.Http.ReadAsync("/openapi/v1.json");

        var operations = answer["paths"].EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => (Name: $"{method.Name} {path.Name}", method.Value)))
            .ToDictionary(operation => operation.Name, operation => operation.Value);
        Assert.Equal(
            [
                "delete /api/v1/batches/{id}",
                "delete /api/v1/dead-letter",
                "delete /api/v1/keys/{id}",
                "delete /api/v1/tasks/{id}",
                "get /api/v1/batches",
                "get /api/v1/batches/{id}",
                "get /api/v1/dead-letter",
                "get /api/v1/events",
                "get /api/v1/export",
                "get /api/v1/health",
                "get /api/v1/keys",
                "get /api/v1/metrics",
                "get /api/v1/settings",
                "get /api/v1/status",
                "get /api/v1/tasks",
                "get /api/v1/tasks/{id}",
                "get /api/v1/tasks/{id}/artifacts/{name}",
                "get /api/v1/tasks/{id}/output",
                "get /api/v1/tasks/{id}/output/stream",
                "get /api/v1/types",
                "get /api/v1/workers",
                "get /task/{id}/status",
                "post /api/v1/batches/{id}/cancel",
                "post /api/v1/dead-letter/replay",
                "post /api/v1/dead-letter/{id}/replay",
                "post /api/v1/import",
                "post /api/v1/keys",
                "post /api/v1/tasks",
                "post /api/v1/tasks/batch",
                "post /api/v1/tasks/cancel",
                "post /api/v1/tasks/retry",
                "post /api/v1/tasks/{id}/cancel",
                "post /api/v1/tasks/{id}/retry",
                "post /api/v1/workers/{id}/drain",
                "post /api/v1/workers/{id}/resume",
                "post /task/delegate",
                "post /task/{type}",
                "put /api/v1/workers/{id}/limits",
            ],
            operations.Keys.Order(StringComparer.Ordinal));
        Assert.All(operations, operation =>
        {
            Assert.False(string.IsNullOrEmpty(operation.Value.Text("summary")));
            Assert.True(operation.Value.GetProperty("responses").TryGetProperty("503", out _));
        });
    }

    [Fact]
    public async Task Document_TaskSchema_NamesRegisteredTypesAndEveryField()
    {
        var answer = await workshop.Http.ReadAsync("/openapi/v1.json");

        var schemas = answer["components"].GetProperty("schemas");
        var fields = schemas.GetProperty("SubmitTask").GetProperty("properties");
        Assert.Contains("code", fields.GetProperty("type").GetProperty("enum").EnumerateArray().Select(type => type.GetString()));
        Assert.Equal(20, fields.EnumerateObject().Count());
        var body = answer["paths"].GetProperty("/task/delegate").GetProperty("post").GetProperty("requestBody")
            .GetProperty("content").GetProperty("application/json");
        Assert.Equal("#/components/schemas/SubmitTask", body.GetProperty("schema").Text("$ref"));
        Assert.Equal(8, body.GetProperty("example").GetProperty("priority").GetInt32());
        var status = schemas.GetProperty("LegacyStatus").GetProperty("properties");
        Assert.True(status.TryGetProperty("task_id", out _));
        Assert.Equal("integer", status.GetProperty("priority").Text("type"));
    }

    [Fact]
    public async Task Docs_LoadNothingFromElsewhere()
    {
        var page = await workshop.Http.GetAsync("/docs/");
        var html = await page.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.DoesNotMatch("(src|href)=\"(https?:)?//", html);
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'self'", policy);
        var nonce = NonceOf().Match(policy).Groups["nonce"].Value;
        Assert.Contains($"nonce=\"{nonce}\"", html);
        foreach (Match script in ScriptOf().Matches(html))
        {
            var response = await workshop.Http.GetAsync($"/docs/{script.Groups["path"].Value}");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [GeneratedRegex("'nonce-(?<nonce>[^']+)'", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NonceOf();

    [GeneratedRegex("src=\"(?<path>[^\"]+)\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ScriptOf();
}
