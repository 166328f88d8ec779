using System.Net;
using System.Text.RegularExpressions;
using Koubou.Web.Tests.Browser;

namespace Koubou.Web.Tests.Security;

public sealed partial class PageHeaderTests(LonelyWeb lonely) : IClassFixture<LonelyWeb>, IDisposable
{
    private readonly HttpClient _http = new(new HttpClientHandler { AllowAutoRedirect = false });
    private readonly WebProcess _web = lonely.Web;

    [Fact]
    public async Task Dashboard_WithoutAScheduler_OpensAndIsDegraded()
    {
        var health = await GetAsync("/health");
        var page = await GetAsync("/dashboard");

        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Contains("\"status\":\"degraded\"", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/alive")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task Page_LoadsNothingFromElsewhere()
    {
        var page = await GetAsync("/dashboard");
        var html = await page.Content.ReadAsStringAsync();

        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch(Elsewhere(), html);
        foreach (Match asset in Asset().Matches(html))
        {
            var answer = await GetAsync("/dashboard/" + asset.Groups["path"].Value);
            Assert.True(answer.IsSuccessStatusCode, $"{asset.Groups["path"].Value}: {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task Root_LeadsToTheDashboard_AndNothingElseStandsThere()
    {
        var root = await GetAsync("/");

        Assert.Equal(HttpStatusCode.Redirect, root.StatusCode);
        Assert.Equal("/dashboard", root.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("/tasks")).StatusCode);
    }

    [Theory]
    [InlineData("ja,en;q=0.5", "lang=\"ja\"")]
    [InlineData("fr", "lang=\"en\"")]
    public async Task Language_FollowsTheBrowsersWish(string wish, string expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_web.Address, "/dashboard"));
        request.Headers.Add("Accept-Language", wish);

        var html = await (await _http.SendAsync(request)).Content.ReadAsStringAsync();

        Assert.Contains(expected, html, StringComparison.Ordinal);
    }

    public void Dispose() => _http.Dispose();

    private Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(new Uri(_web.Address, path));

    [GeneratedRegex("""(?:src|href)="(?:https?:)?//""", RegexOptions.NonBacktracking)]
    private static partial Regex Elsewhere();

    [GeneratedRegex("""(?:src|href)="(?<path>[^"]+\.(?:css|js|svg))["]""", RegexOptions.NonBacktracking)]
    private static partial Regex Asset();
}
