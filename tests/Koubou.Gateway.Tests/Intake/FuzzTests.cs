using System.Net;
using System.Net.Http.Headers;
using System.Text;
using CsCheck;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Intake;

/// <summary>Whatever bytes come in, the answer is a success or a problem of the client's making.</summary>
public sealed class FuzzTests(WorkshopFixture workshop)
{
    private const string Seed = """
        {"type":"code","prompt":"\u3053 a","priority":8,"labels":{"a":"b"},"depends_on":["x"],"deadline":"2090-01-01T00:00:00Z",
        "timeout_seconds":5.5,"output_schema":{"type":"object"},"data_policy":"any","tasks":[{"prompt":"x"},7],"ids":["x"]}
        """;

    private static readonly string[] Paths =
        ["/task/delegate", "/task/code", "/api/v1/tasks", "/api/v1/tasks/batch", "/api/v1/tasks/cancel", "/api/v1/tasks/retry"];

    [Fact]
    public async Task Bodies_Mutated_NeverBreakTheGateway()
    {
        var bodies = Gen.Select(Gen.Byte.Array[0, 40], Gen.Int[0, 400], Gen.Int[0, 400], Gen.Int[0, Paths.Length - 1]);
        await bodies.SampleAsync(
            async sample =>
            {
                var (noise, at, cut, path) = sample;
                var seed = Encoding.UTF8.GetBytes(Seed);
                var start = Math.Min(at, seed.Length);
                byte[] body = [.. seed[..start], .. noise, .. seed[Math.Min(seed.Length, start + cut)..]];
                using var content = new ByteArrayContent(body);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

                var response = await workshop.Http.PostAsync(Paths[path], content);

                return (int)response.StatusCode is 200 or 201 or 400 or 413;
            },
            iter: 300,
            threads: 2);

        Assert.Empty(workshop.Gateway.Errors);
    }

    [Theory]
    [InlineData("POST", "/graphql")]
    [InlineData("POST", "/task/delegate")]
    [InlineData("POST", "/api/v1/tasks/cancel")]
    [InlineData("POST", "/api/v1/keys")]
    [InlineData("PUT", "/api/v1/workers/node-1/limits")]
    public async Task Name_ThatIsNotUnicode_IsABadRequest(string method, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path)
        {
            Content = new StringContent("""{"\ud83dquery":"a"}""", Encoding.UTF8, "application/json"),
        };

        var response = await workshop.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(workshop.Gateway.Errors);
    }

    [Fact]
    public async Task Queries_Random_NeverBreakTheGateway()
    {
        await Gen.String[0, 60].SampleAsync(
            async text =>
            {
                var value = Uri.EscapeDataString(text);
                var list = await workshop.Http.GetAsync($"/api/v1/tasks?state={value}&label={value}&page_token={value}&{value}=1");
                var status = await workshop.Http.GetAsync($"/task/x/status?wait={value}");

                return (int)list.StatusCode < 500 && (int)status.StatusCode < 500;
            },
            iter: 100,
            threads: 2);

        Assert.Empty(workshop.Gateway.Errors);
    }
}
