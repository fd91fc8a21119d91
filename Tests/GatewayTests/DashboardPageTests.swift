import Testing

@testable import Gateway

@Suite struct DashboardPageTests {
    @Test func `style and script stand in the page as they are, and the policy names their hashes`() {
        let page = DashboardPage(
            template: "<style>/*STYLE*/</style><script>/*SCRIPT*/</script>",
            style: "p { color: red }",
            script: "go();"
        )
        #expect(page.html == "<style>p { color: red }</style><script>go();</script>")
        // openssl dgst -sha256 -binary | base64
        #expect(page.contentSecurityPolicy.contains("style-src 'sha256-ngewhhP73WDIbgwseeu52VAAJgKdGUsu1IUQQsAm8m4='"))
        #expect(page.contentSecurityPolicy.contains("script-src 'sha256-bYOqbsii8BMz1hC57p5sZG4K4cMuk6QQDiwupM2aRMM='"))
    }

    @Test func `the page of this build has nothing left to fill in`() {
        #expect(!DashboardPage.current.html.contains("/*STYLE*/"))
        #expect(!DashboardPage.current.html.contains("/*SCRIPT*/"))
        #expect(DashboardPage.current.html.contains("prefers-color-scheme: dark"))
    }
}
