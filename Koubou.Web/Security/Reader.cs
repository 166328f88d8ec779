namespace Koubou.Web.Security;

/// <summary>Who sits before one open page. Set once, when its circuit begins.</summary>
public sealed class Reader
{
    public Rights Rights { get; private set; } = Rights.All;

    public void Is(Rights rights) => Rights = rights;
}
