using System.Net;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Gateway.Tests.Binding;

/// <summary>What browsers are told, and what pages of other origins may do.</summary>
public sealed class BrowserTests(WorkshopFixture workshop)
{
    private const string Tools = "https://tools.example";

    [Theory]
    [InlineData("/api/v1/status")]
    [InlineData("/task/x/status")]
    [InlineData("/nowhere")]
    [InlineData("/graphql")]
    [InlineData("/docs")]
    [InlineData("/dashboard")]
    public async Task EveryAnswer_CarriesThePoliciesForBrowsers(string path)
    {
        var answer = await workshop.Http.ReadAsync(path, ("Accept", "text/html"));

        string Header(string name) => Assert.Single(answer.Raw.Headers.GetValues(name));
        Assert.Equal("nosniff", Header("X-Content-Type-Options"));
        Assert.Contains("frame-ancestors 'none'", Header("Content-Security-Policy"));
        Assert.DoesNotContain("script-src 'unsafe-inline'", Header("Content-Security-Policy"));
        Assert.False(answer.Raw.Headers.Contains("Server"));
    }

    [Fact]
    public async Task ForeignPage_WithoutConfiguration_IsToldNothing()
    {
        var answer = await workshop.Http.ReadAsync("/api/v1/status", ("Origin", Tools));
        var asked = await AskAsync(workshop.Http);

        Assert.False(answer.Raw.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(asked.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task ForeignPage_Configured_MayReadAndPostWithItsKey_AndNoOtherMay()
    {
        await using var gateway = workshop.StartGateway(
            ("Koubou:Gateway:AllowedOrigins:0", Tools), ("Koubou:Gateway:ApiKeys:0", "a-key-of-the-test-suite"));

        var asked = await AskAsync(gateway.Http);
        var posted = await gateway.Http.PostAsync(
            "/task/delegate", """{"prompt":"a"}""", ("Origin", Tools), ("X-Api-Key", "a-key-of-the-test-suite"));
        var other = await gateway.Http.ReadAsync(
            "/api/v1/status", ("Origin", "https://evil.example"), ("X-Api-Key", "a-key-of-the-test-suite"));

        Assert.Equal(HttpStatusCode.NoContent, asked.StatusCode);
        Assert.Equal(Tools, Assert.Single(asked.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal(HttpStatusCode.OK, posted.Status);
        Assert.Equal(Tools, Assert.Single(posted.Raw.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.False(posted.Raw.Headers.Contains("Access-Control-Allow-Credentials"));
        Assert.False(other.Raw.Headers.Contains("Access-Control-Allow-Origin"));
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/task/delegate");
        request.Headers.Add("Origin", Tools);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "content-type,x-api-key");
        return await http.SendAsync(request);
    }
}
