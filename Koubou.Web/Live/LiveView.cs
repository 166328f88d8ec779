using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace Koubou.Web.Live;

/// <summary>A component that shows the live model and renders again after changes, one render at a time.</summary>
public abstract class LiveView : ComponentBase, IDisposable
{
    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;
    private readonly CultureInfo _language = CultureInfo.CurrentUICulture;
    private IDisposable? _watch;
    private int _isRenderDue;

    [Inject]
    public required Workshop Workshop { get; set; }

    protected WorkshopSnapshot Now => Workshop.Current;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected override void OnInitialized() => _watch = Workshop.Watch(RenderSoon);

    protected virtual void Dispose(bool disposing) => _watch?.Dispose();

    /// <summary>After a change, in the reader's language.</summary>
    protected virtual void OnLiveChange() => StateHasChanged();

    // A browser that is slower than the changes gets the newest picture, never a queue of old ones.
    private void RenderSoon()
    {
        if (Interlocked.Exchange(ref _isRenderDue, 1) == 0)
        {
            _ = InvokeAsync(() =>
            {
                // The call comes from a loop of the process, which knows nothing of this reader's language.
                CultureInfo.CurrentCulture = _culture;
                CultureInfo.CurrentUICulture = _language;
                _isRenderDue = 0;
                OnLiveChange();
            });
        }
    }
}
