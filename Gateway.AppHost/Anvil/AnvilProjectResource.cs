namespace Xmtp.Gateway.AppHost.Anvil;

/// <summary>An Anvil with stand-in contracts, started by <c>Gateway.DevNet</c>: for machines without containers.</summary>
internal sealed class AnvilProjectResource(string name) : ProjectResource(name), IAnvilResource
{
    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => ((IAnvilResource)this).HttpExpression;
}
