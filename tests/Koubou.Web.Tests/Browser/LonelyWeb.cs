namespace Koubou.Web.Tests.Browser;

/// <summary>A dashboard whose scheduler is not there: it must open all the same.</summary>
public sealed class LonelyWeb : IAsyncLifetime
{
    private WebProcess? _web;

    public WebProcess Web => _web ?? throw new InvalidOperationException("The dashboard was not started.");

    // Nothing listens there.
    public async ValueTask InitializeAsync() => _web = await WebProcess.StartAsync(new Uri("http://127.0.0.1:9"));

    public async ValueTask DisposeAsync()
    {
        if (_web is not null)
        {
            await _web.DisposeAsync();
        }
    }
}
